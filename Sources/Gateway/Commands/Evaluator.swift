import JMESPath
public import JSON
import Rules

/// `eval`: expressions as rules see them, on any document.
public struct Evaluator: Sendable {
    /// An expression that cannot be compiled or evaluated.
    public struct Failed: Error, CustomStringConvertible {
        /// As the JMESPath specification names it: `syntax`, `invalid-type` …
        public let kind: String
        /// With the place, marked below the expression.
        public let description: String
    }

    private let functions = FieldFunctions.table(tables: LookupTables(), timeZones: .system)

    public init() {}

    public func evaluate(_ expression: String, on document: JSONValue) throws(Failed) -> JSONValue {
        do throws(JMESPathError) {
            return try Expression(expression, functions: functions).evaluate(document)
        } catch {
            throw Failed(kind: error.kind.rawValue, description: "\(error)\n\(error.caret(in: expression))")
        }
    }

    /// One line of `eval --lines`: `{"expression", "given"}` gives `{"result"}` or `{"error": {"kind", "message"}}`.
    public func evaluate(line: String) -> JSONValue {
        do {
            let question = try JSONValue.parse(line)
            guard let expression = question["expression"]?.stringValue, let given = question["given"] else {
                return Self.error("input", #"a line is {"expression": TEXT, "given": ANY}"#)
            }
            return .object([("result", try evaluate(expression, on: given))])
        } catch let error as Failed {
            return Self.error(error.kind, error.description)
        } catch {
            return Self.error("input", "\(error)")
        }
    }

    private static func error(_ kind: String, _ message: String) -> JSONValue {
        ["error": ["kind": .string(kind), "message": .string(message)]]
    }
}
