import Glibc
public import Model

/// What `rateLimit:` says.
public struct RateLimit: Sendable, Equatable {
    public enum Scope: String, Sendable, CaseIterable {
        /// Each sender's address by itself; for IPv6 its /64, which is what one household or server holds.
        case address
        /// All senders together.
        case source
    }

    public var perSecond: Double
    /// How many may come at once after a quiet time; at least 1.
    public var burst: Double
    public var scope: Scope

    public init(perSecond: Double, burst: Double? = nil, by scope: Scope = .address) {
        self.perSecond = max(perSecond, 1e-6)
        self.burst = max(burst ?? perSecond, 1)
        self.scope = scope
    }
}

/// Token buckets, one for each address, in bounded memory. A value that is told the time; whoever shares it guards it.
///
/// A bucket which nobody touched for the time of a refill is full, and a full bucket needs no memory. So buckets live in
/// two generations that change places once a refill: what was touched in neither is forgotten, at no loss. Only beyond
/// `capacity` addresses within one refill are buckets forgotten early, and those senders start with a full one.
public struct RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: Timestamp
    }

    public let limit: RateLimit
    private let capacity: Int
    private var current: [String: Bucket] = [:]
    private var previous: [String: Bucket] = [:]
    private var turnedAt: Timestamp?

    public init(_ limit: RateLimit, capacity: Int = 50_000) {
        self.limit = limit
        self.capacity = max(1, capacity)
    }

    /// Takes one token for a request from this address (`Webhook.peer`). Nil when there was one; else whole seconds
    /// until one is free, at least 1: what `Retry-After` says.
    public mutating func take(from address: String, at now: Timestamp) -> Int? {
        turn(at: now)
        let key = limit.scope == .source ? "" : Self.network(of: address)
        var bucket = current[key] ?? previous[key] ?? Bucket(tokens: limit.burst, filledAt: now)
        let elapsedSeconds = Double(max(0, now.since(bucket.filledAt).milliseconds)) / 1_000
        bucket.tokens = min(limit.burst, bucket.tokens + elapsedSeconds * limit.perSecond)
        bucket.filledAt = max(now, bucket.filledAt)
        let isFree = bucket.tokens >= 1
        if isFree { bucket.tokens -= 1 }
        current[key] = bucket
        return isFree ? nil : max(1, Int(((1 - bucket.tokens) / limit.perSecond).rounded(.up)))
    }

    /// Buckets held; at most twice the capacity.
    public var count: Int { current.count + previous.count }

    private mutating func turn(at now: Timestamp) {
        let refill = Duration.milliseconds(Int64(min(limit.burst / limit.perSecond, 1e9) * 1_000) + 1)
        guard let turnedAt else {
            self.turnedAt = now
            return
        }
        if now.since(turnedAt) >= refill || current.count >= capacity {
            previous = current
            current = [:]
            self.turnedAt = now
        }
    }

    /// The first 64 bits of an IPv6 address as hexadecimal; anything else as it is.
    private static func network(of address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")) else { return address }
        var parsed = in6_addr()
        guard inet_pton(AF_INET6, address, &parsed) == 1 else { return address }
        return withUnsafeBytes(of: parsed) { bytes in
            bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
        }
    }
}
