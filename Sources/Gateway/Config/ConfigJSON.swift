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
    /// The JSON in a file that the config names at `value`. A file that is not there is a problem at the value, a
    /// mistake in it one in the file itself.
    func json(in name: String, at value: ConfigValue, _ problems: inout [ConfigProblem]) -> JSONValue? {
        let path = path(of: name)
        do throws(ConfigEnvironment.FileError) {
            let bytes = try environment.file(path)
            do throws(JSONError) {
                return try JSONValue.parse(bytes)
            } catch {
                let position = ConfigPosition(file: path, line: error.position.line, column: error.position.column)
                problems.append(ConfigProblem(at: position, path: "", "not JSON: \(error.reason)"))
            }
        } catch {
            problems.append(value.problem("cannot read \(path): \(error.reason)"))
        }
        return nil
    }
}
