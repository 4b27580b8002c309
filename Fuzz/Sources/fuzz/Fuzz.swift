import CFuzzer
import Glibc

/// `fuzz list` names the targets, `fuzz seeds TARGET FOLDER` writes a target's seeds into a folder, and
/// `fuzz TARGET …` fuzzes, with libFuzzer's arguments.
@main enum Fuzz {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "list" { return print(targets.map(\.name).joined(separator: "\n")) }
        let name = arguments.first == "seeds" ? arguments.dropFirst().first : arguments.first
        guard let target = targets.first(where: { $0.name == name }) else {
            return fail("fuzz TARGET …, with one of \(targets.map(\.name).joined(separator: ", "))")
        }
        if arguments.first == "seeds" {
            guard arguments.count == 3, let folder = arguments.last else { return fail("fuzz seeds TARGET FOLDER") }
            return write(target.seeds(), to: folder)
        }
        var count = CommandLine.argc
        var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        // libFuzzer sees the target's name as the program's.
        count -= 1
        values = values?.advanced(by: 1)
        guard let program = CommandLine.unsafeArgv[0] else { return fail("there is no program name") }
        values?[0] = program
        exit(LLVMFuzzerRunDriver(&count, &values, target.test))
    }

    private static func write(_ seeds: [[UInt8]], to folder: String) {
        for (number, seed) in seeds.enumerated() {
            guard let file = fopen("\(folder)/seed-\(number)", "w") else { return fail("cannot write into \(folder)") }
            fwrite(seed, 1, seed.count, file)
            fclose(file)
        }
    }

    private static func fail(_ message: String) {
        _ = "\(message)\n".withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
        exit(2)
    }
}

/// One thing that is fed with bytes.
struct Target: Sendable {
    let name: String
    /// Traps when something does not hold; gives back 0.
    let test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    let seeds: @Sendable () -> [[UInt8]]
}

/// All targets, in the order in which they are run.
let targets: [Target] = [
    Target(name: "requests", test: { test($0, $1, Requests.check) }, seeds: Requests.seeds),
    Target(name: "chunks", test: { test($0, $1, Chunks.check) }, seeds: Chunks.seeds),
    Target(name: "targets", test: { test($0, $1, RequestTargets.check) }, seeds: RequestTargets.seeds),
    Target(name: "proxy", test: { test($0, $1, ProxyHeaders.check) }, seeds: ProxyHeaders.seeds),
    Target(name: "multipart", test: { test($0, $1, Multipart.check) }, seeds: Multipart.seeds),
    Target(name: "urlencoded", test: { test($0, $1, URLEncoded.check) }, seeds: URLEncoded.seeds),
    Target(name: "json", test: { test($0, $1, Documents.check) }, seeds: Documents.seeds),
    Target(name: "expressions", test: { test($0, $1, Expressions.check) }, seeds: Expressions.seeds),
    Target(name: "templates", test: { test($0, $1, Templates.check) }, seeds: Templates.seeds),
]

private func test(_ start: UnsafePointer<UInt8>?, _ count: Int, _ check: ([UInt8]) -> Void) -> CInt {
    check(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// A property that must hold for every input.
func require(_ holds: Bool, _ property: @autoclosure () -> String) {
    if !holds { broken(property()) }
}

/// Reports a finding: libFuzzer learns of one by the process ending itself, and keeps the input that led to it.
func broken(_ property: String) -> Never {
    fatalError(property)
}
