/// What a peer has to do, and since when.
struct Wait: Equatable {
    var kind: Deadlines.Kind
    var since: Duration

    init(for kind: Deadlines.Kind, since: Duration) {
        self.kind = kind
        self.since = since
    }
}

/// How many bytes went over a connection since a moment.
struct Pace {
    var since: Duration
    var bytes = 0

    /// Whether the peer may go on: each byte earns it time beyond its patience, as the least rate has it.
    func keeps(_ rate: Int, after patience: Duration, at now: Duration) -> Bool {
        now - since < patience + .seconds(Double(bytes) / Double(max(1, rate)))
    }
}
