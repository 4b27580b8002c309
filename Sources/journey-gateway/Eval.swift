import ArgumentParser
import Gateway
import JSON

struct Eval: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluate an expression on the JSON document on standard input."
    )

    @Argument(help: "A JMESPath expression, with the functions that rules have.")
    var expression: String?

    @Flag(help: #"Read {"expression", "given"} a line, and write {"result"} or {"error": {"kind", "message"}} a line."#)
    var lines = false

    func validate() throws {
        if lines == (expression != nil) {
            throw ValidationError("Give an expression, or --lines.")
        }
    }

    func run() async throws {
        try await reportingFailure {
            let evaluator = Evaluator()
            if let expression {
                let document = try JSONValue.parse(InputFile.read("-"))
                Terminal.write(try evaluator.evaluate(expression, on: document).text)
            } else {
                while let line = readLine() { Terminal.write(evaluator.evaluate(line: line).text) }
            }
        }
    }
}

extension JSONValue {
    var text: String { String(decoding: serialized(), as: UTF8.self) }
}
