import ArgumentParser
import Gateway
import Glibc
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
                let document = try JSONValue.parse(readAll())
                Terminal.write(try evaluator.evaluate(expression, on: document).text)
            } else {
                while let line = readLine() { Terminal.write(evaluator.evaluate(line: line).text) }
            }
        }
    }

    private func readAll() -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}

extension JSONValue {
    var text: String { String(decoding: serialized(), as: UTF8.self) }
}
