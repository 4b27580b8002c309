import JSON
import Rules

extension LookupTables {
    /// Reads `tables:`. A table stands in the config, key by key, or is `file: NAME.csv` and nothing else: two columns,
    /// key and value, in the file of that name.
    init(_ members: [(key: String, value: ConfigValue)], _ problems: inout [ConfigProblem]) {
        self.init()
        for (name, value) in members {
            guard let entries = value.members(&problems) else { continue }
            if entries.count == 1, let (key, file) = entries.first, key == "file", file.isCSV {
                tables[name] = Self.read(file, &problems)
            } else {
                let pairs = entries.map { ($0.key, $0.value.json(&problems)) }
                tables[name] = Dictionary(pairs) { first, _ in first }
            }
        }
    }

    private static func read(_ file: ConfigValue, _ problems: inout [ConfigProblem]) -> [String: JSONValue] {
        guard let name = file.text(&problems) else { return [:] }
        let path = file.context.path(of: name)
        let bytes: [UInt8]
        do {
            bytes = try file.context.environment.file(path)
        } catch {
            problems.append(file.problem("cannot read \(path): \(error.reason)"))
            return [:]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems.append(file.problem("\(path) is not UTF-8 text"))
            return [:]
        }
        var table: [String: JSONValue] = [:]
        for record in CSV.records(text) where record.fields != [""] {
            let position = ConfigPosition(file: path, line: record.line)
            guard record.fields.count == 2 else {
                problems.append(
                    ConfigProblem(
                        at: position,
                        path: "",
                        "found \(record.fields.count) columns, expected key and value"
                    )
                )
                continue
            }
            if table.updateValue(.string(record.fields[1]), forKey: record.fields[0]) != nil {
                problems.append(
                    ConfigProblem(at: position, path: "", "key '\(record.fields[0])' stands twice in this table")
                )
            }
        }
        return table
    }
}

extension ConfigValue {
    fileprivate var isCSV: Bool {
        guard case .scalar(let scalar) = node.content else { return false }
        return scalar.text.hasSuffix(".csv")
    }
}

/// Comma-separated values by RFC 4180: fields in double quotation marks may hold commas, line ends, and `""` for one mark.
enum CSV {
    struct Record: Equatable {
        /// Where it begins, from 1.
        var line: Int
        var fields: [String]
    }

    static func records(_ text: String) -> [Record] {
        var records: [Record] = []
        var record = Record(line: 1, fields: [""])
        var line = 1
        var isQuoted = false
        var rest = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
        while let character = rest.popFirst() {
            let last = record.fields.count - 1
            if character.isNewline { line += 1 }
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                record.fields[last].append("\"")
                rest.removeFirst()
            case "\"" where isQuoted:
                isQuoted = false
            case "\"" where record.fields[last].isEmpty:
                isQuoted = true
            case "," where !isQuoted:
                record.fields.append("")
            case _ where character.isNewline && !isQuoted:
                records.append(record)
                record = Record(line: line, fields: [""])
            default:
                record.fields[last].append(character)
            }
        }
        if record.fields != [""] { records.append(record) }
        return records
    }
}
