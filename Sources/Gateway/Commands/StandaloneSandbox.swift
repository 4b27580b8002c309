public import HTTPServer
import Model
import Sandbox
import ServiceLifecycle
import UnixSignals

/// `sandbox`: the stand-in of the destination's API as a program of its own.
public struct StandaloneSandbox: Sendable {
    private let settings: SandboxSettings

    /// Why the sandbox cannot run as asked.
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    /// - Parameters:
    ///   - hour: A duration as the config writes it: `60s`, `1h`.
    ///   - tokenLifetime: How long an access token lives, written so too.
    ///   - journeys: The journeys that exist; none: any.
    public init(
        perSecond: Int,
        perHour: Int,
        hour: String,
        tokenLifetime: String,
        unknownPeople: [String],
        journeys: [String]
    ) throws(Failed) {
        let hour = try Self.duration("--hour", hour)
        let tokenLifetime = try Self.duration("--token-lifetime", tokenLifetime)
        guard perSecond > 0, perHour > 0 else {
            throw Failed(description: "--per-second and --per-hour are at least 1")
        }
        var settings = SandboxSettings()
        settings.perSecond = perSecond
        settings.perHour = perHour
        settings.hour = hour
        settings.tokenLifetime = tokenLifetime
        settings.unknownPeople = unknownPeople
        settings.journeys = journeys.isEmpty ? nil : journeys
        self.settings = settings
    }

    private static func duration(_ option: String, _ text: String) throws(Failed) -> Duration {
        guard let duration = Duration(config: text), duration > .zero else {
            throw Failed(description: "\(option) '\(text)': expected a duration such as 60s or 1h")
        }
        return duration
    }

    /// Serves until SIGTERM or SIGINT. Prints its address first.
    public func run(listen address: ListenAddress) async throws {
        let sandbox = Sandbox(settings, now: { .milliseconds(SystemClock.now().milliseconds) })
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        Terminal.write("sandbox: http://\(try sandbox.start(listen: address))")
        for await _ in signals { break }
        await sandbox.stop(within: .seconds(2))
    }
}
