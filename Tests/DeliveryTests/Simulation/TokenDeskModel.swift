import Model

@testable import Delivery

/// The destination's tokens, by number. One is live at a time: giving the next one ends it, and it buys the next one
/// once, as long as it is live.
struct TokenDeskModel {
    /// How long an access token lives; nil: until it is revoked.
    var lifetime: Duration?
    private var live = 0
    private var expiresAt: Timestamp?
    private var isRevoked = false

    init(lifetime: Duration?) {
        self.lifetime = lifetime
    }

    func accepts(_ token: Int, at now: Timestamp) -> Bool {
        token == live && !isRevoked && (expiresAt.map { now < $0 } ?? true)
    }

    /// The access token is void; what buys the next one is not.
    mutating func revoke() { isRevoked = true }

    /// A person has seen to it that the token is good.
    mutating func restore() { isRevoked = false }

    mutating func answer(_ request: TokenRequest, for token: Int, at now: Timestamp) -> (CallResult, token: Int?) {
        guard request == .authorization || token == live else {
            return (CallResult(outcome: .rejected, status: 400, detail: "Invalid refresh token"), nil)
        }
        live += 1
        isRevoked = false
        expiresAt = lifetime.map { now + $0 }
        return (CallResult(outcome: .accepted(trackingID: nil), status: 200), live)
    }
}

/// What a process calls with, and what the store holds of it.
struct HeldToken {
    let number: Int
    let life: TokenLife?

    init(_ number: Int, life: TokenLife?) {
        self.number = number
        self.life = life
    }

    /// Reads what `value` wrote.
    init?(value: [UInt8]) {
        let parts = String(decoding: value, as: UTF8.self).split(separator: " ").compactMap { Int64($0) }
        guard let number = parts.first else { return nil }
        self.number = Int(number)
        life =
            parts.count == 3
            ? TokenLife(renewsAt: Timestamp(milliseconds: parts[1]), expiresAt: Timestamp(milliseconds: parts[2]))
            : nil
    }

    var value: [UInt8] {
        let times = life.map { [$0.renewsAt.milliseconds, $0.expiresAt.milliseconds] } ?? []
        return Array(([Int64(number)] + times).map(String.init).joined(separator: " ").utf8)
    }

    /// What a process that starts now finds.
    static func found(in settings: [String: [UInt8]], destination: String) -> (HeldToken, TokenStanding) {
        let held =
            settings[DeliveryEngine.tokenSetting(destination: destination)].flatMap(HeldToken.init(value:))
            ?? HeldToken(0, life: nil)
        let wasRenewing = settings[DeliveryEngine.renewalSetting(destination: destination)] != nil
        return (held, wasRenewing ? .unauthorized(reason: "it ended within a renewal") : .usable(held.life))
    }
}
