import JSON

extension ConfigValue {
    /// The value as JSON: what is quoted is text, and numbers keep the way they are written. `${…}` is put in.
    func json(_ problems: inout [ConfigProblem]) -> JSONValue {
        switch node.content {
        case .list:
            return .array((elements(&problems) ?? []).map { $0.json(&problems) })
        case .mapping:
            return .object((members(&problems) ?? []).map { ($0.key, $0.value.json(&problems)) })
        case .scalar where node.isNull:
            return .null
        case .scalar(let scalar):
            guard let text = text(&problems) else { return .null }
            guard scalar.style == .plain, text == scalar.text else { return .string(text) }
            switch text {
            case "true": return .bool(true)
            case "false": return .bool(false)
            default: return JSONNumber(lexeme: text).map(JSONValue.number) ?? .string(text)
            }
        }
    }
}

extension ConfigContext {
    /// What is in a file that the config names at `value`; nil, and noted there, when it cannot be read.
    func bytes(in name: String, at value: ConfigValue, _ problems: inout [ConfigProblem]) -> [UInt8]? {
        let path = path(of: name)
        do throws(ConfigEnvironment.FileError) {
            return try environment.file(path)
        } catch {
            problems.append(value.problem("cannot read \(path): \(error.reason)"))
            return nil
        }
    }

    /// The JSON that a file of this name holds; a mistake in it is noted where it stands in the file.
    func json(_ bytes: [UInt8], of name: String, _ problems: inout [ConfigProblem]) -> JSONValue? {
        do throws(JSONError) {
            return try JSONValue.parse(bytes)
        } catch {
            let (line, column) = (error.position.line, error.position.column)
            let position = ConfigPosition(file: path(of: name), line: line, column: column)
            problems.append(ConfigProblem(at: position, path: "", "not JSON: \(error.reason)"))
            return nil
        }
    }
}
