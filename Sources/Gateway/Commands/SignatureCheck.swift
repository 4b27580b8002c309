public import Model
import Webhooks

/// `verify`: whether a captured request is genuine, and why not.
public enum SignatureCheck {
    public struct Verdict: Sendable {
        public let isGenuine: Bool
        /// What was looked at, and what is wrong with it; for whoever has the secret.
        public let explanation: String
    }

    /// Why nothing could be checked.
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    /// - Parameters:
    ///   - preset: A sender's name, as `show presets` lists them.
    ///   - url: The URL as the sender called it, for senders who sign it; nil: made of `Host` and the target.
    ///   - moment: When the request is taken to have arrived.
    public static func verify(
        _ request: CapturedRequest,
        preset: String,
        secret: String,
        url: String?,
        at moment: Timestamp
    ) throws(Failed) -> Verdict {
        let source: Source
        do {
            source = try Source(SourceSettings(name: "verify", preset: preset, secrets: [secret]))
        } catch {
            throw Failed(description: "\(error)")
        }
        switch source.verify(request.webhook(url: url, receivedAt: moment)) {
        case .genuine(let place):
            return Verdict(isGenuine: true, explanation: "genuine: \(place) matches")
        case .unsigned:
            throw Failed(description: "the preset \(preset) has no signature to verify")
        case .refused(let refusal, let why):
            return Verdict(isGenuine: false, explanation: "\(refusal.problem.title): \(why)")
        }
    }
}
