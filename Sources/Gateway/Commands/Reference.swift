import JMESPath
import Rules
import Webhooks

/// `show`: what the config may name, printed from the same tables that the gateway works with.
public enum Reference {
    /// All functions of expressions: signature, what it does, examples.
    public static func functions() -> String {
        table.map { function in
            let examples = function.examples.map { "    \($0.expression)  →  \($0.result)" }
            return ([function.signature, "    " + function.summary] + examples).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    /// The same as a page of documentation.
    public static func functionsPage() -> String {
        let sections = table.map { function in
            let parameters = function.parameters.map { "`\($0.name)`: \($0.types)" }.joined(separator: "; ")
            let examples = function.examples.map { "\($0.expression)  →  \($0.result)" }.joined(separator: "\n")
            return """
                ## \(function.name)

                `\(function.signature)` → \(function.returns)

                \(function.summary)

                \(parameters)

                ```
                \(examples)
                ```
                """
        }
        let head = """
            # Functions of expressions

            Those of JMESPath and its community's extensions, and those of the field: phone numbers, dates, tables, text.
            Written by `make docs` from the table that the gateway works with; `journey-gateway show functions` prints the same
            for a terminal. `?` marks what may be left out, `…` what may be repeated. Each example is an expression on null, and
            what it yields.
            """
        return ([head] + sections).joined(separator: "\n\n")
    }

    private static var table: [Function] {
        FieldFunctions.table(tables: LookupTables(), timeZones: TimeZones()).functions.sorted { $0.name < $1.name }
    }

    /// All presets: whose webhooks they read, and what they need to be told.
    public static func presets() -> String {
        Preset.all.map { "\($0.name)\n    \($0.summary)\n    \($0.setup)" }.joined(separator: "\n\n")
    }
}

extension GatewayConfig {
    /// What a config holds, in one line.
    public var summary: String {
        func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        let examples = rules.definitions.reduce(0) { $0 + $1.examples.count }
        return [
            count(sources.count, "source"), count(rules.definitions.count, "rule"), count(examples, "example"),
            count(destinations.count, "destination"), count(warnings.count, "warning"),
        ].joined(separator: ", ")
    }
}
