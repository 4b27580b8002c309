import Foundation
import Glibc

/// The product as it was built: beside the test bundle, or where `JOURNEY_GATEWAY_BINARY` says
/// (a release build, for example).
enum BuiltBinary {
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["JOURNEY_GATEWAY_BINARY"] { return path }
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return bundle.deletingLastPathComponent().appendingPathComponent("journey-gateway").path
    }()

    static let packageRoot = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// A running program with its output in files; killed when it goes out of use.
final class Program {
    let process = Process()
    let output: URL
    let errors: URL

    init(
        _ arguments: [String],
        executable: String = BuiltBinary.path,
        in folder: TemporaryFolder,
        environment: [String: String] = [:],
        name: String
    ) throws {
        output = folder.url.appendingPathComponent("\(name)-\(UUID().uuidString).out")
        errors = folder.url.appendingPathComponent("\(name)-\(UUID().uuidString).err")
        for file in [output, errors] { try Data().write(to: file) }
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
    }

    deinit {
        if process.isRunning { signal(SIGKILL) }
    }

    var outputText: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
    var errorText: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    /// Waits for the end; the exit status, or nil when it was ended by a signal.
    @discardableResult
    func waitForExit() -> Int32? {
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : nil
    }

    /// Runs a command to its end.
    static func run(
        _ arguments: [String],
        executable: String = BuiltBinary.path,
        in folder: TemporaryFolder,
        environment: [String: String] = [:]
    ) throws -> (status: Int32?, output: String, errors: String) {
        let program = try Program(
            arguments,
            executable: executable,
            in: folder,
            environment: environment,
            name: "command"
        )
        let status = program.waitForExit()
        return (status, program.outputText, program.errorText)
    }
}

/// A folder that goes away with its owner.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("journey-gateway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> URL {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
        return file
    }
}

struct GaveUpWaiting: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until there is an answer; gives up after `seconds`, which is a bound and not a measure.
func eventually<Value>(
    _ what: String,
    seconds: Double = 60,
    _ answer: () throws -> Value?
) throws -> Value {
    let deadline = Date().addingTimeInterval(seconds)
    while Date() < deadline {
        if let value = try answer() { return value }
        var pause = timespec(tv_sec: 0, tv_nsec: 10_000_000)
        nanosleep(&pause, nil)
    }
    throw GaveUpWaiting(description: "gave up waiting for \(what)")
}
