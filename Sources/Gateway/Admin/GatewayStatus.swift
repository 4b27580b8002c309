public import JSON
public import Model

/// How a gateway is: what `/readyz` and `/metrics` tell. Ready means that it takes events; a destination in trouble is
/// detail, since what it is owed waits on disk.
public struct GatewayStatus: Sendable {
    public struct Destination: Sendable {
        public var name: String
        /// Why nothing is sent; nil while it is.
        public var pausedBecause: String?
        /// One of `PauseReason.kinds`; nil while it is not paused.
        public var pauseKind: String?
        /// When the access token expires; nil when that is not known.
        public var tokenExpiresAt: Timestamp?
        /// The queues that are not served.
        public var pausedQueues: [String]
        public var isBreakerOpen: Bool
        public var callsInFlight: Int
        /// Calls that count at this moment.
        public var callsInLastHour: Int
        /// As many as the destination allows, as far as is known.
        public var callsPerHour: Int
        /// What each queue has to send, and when it will have.
        public var queues: [Queue]

        public init(
            name: String,
            pausedBecause: String? = nil,
            pausedQueues: [String] = [],
            isBreakerOpen: Bool = false,
            callsInFlight: Int = 0,
            callsInLastHour: Int = 0,
            callsPerHour: Int = 0
        ) {
            self.name = name
            self.pausedBecause = pausedBecause
            self.pausedQueues = pausedQueues
            queues = []
            self.isBreakerOpen = isBreakerOpen
            self.callsInFlight = callsInFlight
            self.callsInLastHour = callsInLastHour
            self.callsPerHour = callsPerHour
        }
    }

    /// The prospects of a queue, as of a few seconds ago.
    public struct Queue: Sendable, Equatable {
        public var name: String
        /// Deliveries that are owed.
        public var waiting: Int
        public var arrivalsPerHour: Double
        /// When nothing of it waits; nil when that will not be, because it is paused, or more comes in than goes out.
        public var clearsAt: Timestamp?
        /// When the first of its deliveries expires before its turn; nil when none will.
        public var beginsToExpireAt: Timestamp?
    }

    /// Why the store does not take events; nil while it does.
    public var storeFailure: String?
    public var isDraining: Bool
    public var waitingChanges: Int
    public var connections: Int
    public var startedAt: Timestamp
    public var listening: [String]
    public var destinations: [Destination]

    public init(
        storeFailure: String?,
        isDraining: Bool,
        waitingChanges: Int,
        connections: Int,
        startedAt: Timestamp,
        listening: [String],
        destinations: [Destination]
    ) {
        self.storeFailure = storeFailure
        self.isDraining = isDraining
        self.waitingChanges = waitingChanges
        self.connections = connections
        self.startedAt = startedAt
        self.listening = listening
        self.destinations = destinations
    }

    public var isReady: Bool { storeFailure == nil && !isDraining && !listening.isEmpty }

    public var json: JSONValue {
        .object([
            ("ready", .bool(isReady)), ("draining", .bool(isDraining)), ("store", .string(storeFailure ?? "ok")),
            ("startedAt", .string(startedAt.description)), ("listening", .array(listening.map(JSONValue.string))),
            ("waitingChanges", .integer(Int64(waitingChanges))), ("connections", .integer(Int64(connections))),
            ("destinations", .array(destinations.map(\.json))),
        ])
    }
}

extension GatewayStatus.Destination {
    var json: JSONValue {
        .object([
            ("name", .string(name)), ("paused", .optional(pausedBecause)), ("breakerOpen", .bool(isBreakerOpen)),
            ("callsInFlight", .integer(Int64(callsInFlight))), ("callsInLastHour", .integer(Int64(callsInLastHour))),
            ("callsPerHour", .integer(Int64(callsPerHour))),
            ("tokenExpires", .optional(tokenExpiresAt?.description)),
            ("pausedQueues", .array(pausedQueues.map(JSONValue.string))), ("queues", .array(queues.map(\.json))),
        ])
    }
}

extension GatewayStatus.Queue {
    var json: JSONValue {
        .object([
            ("name", .string(name)), ("waiting", .integer(Int64(waiting))),
            ("arrivalsPerHour", .integer(Int64(arrivalsPerHour.rounded()))),
            ("clearsAt", .optional(clearsAt?.description)),
            ("beginsToExpireAt", .optional(beginsToExpireAt?.description)),
        ])
    }
}
