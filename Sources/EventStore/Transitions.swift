import Model

// What every store must decide alike about a delivery's states.

extension DeliveryState {
    /// Whether a delivery that leaves this state for that one lets the next of its lane go on. Parking is the one way
    /// to leave the line without doing so: it is done because another has the lane.
    func freesLane(becoming state: DeliveryState) -> Bool {
        isInLine && !state.isInLine && state != .parked
    }

    /// What a delivery becomes when its attempt ends, where a person has asked for something else meanwhile: what has
    /// been sent or given up stays so.
    func replaced(by noted: DeliveryState?) -> DeliveryState {
        guard let noted, self == .ready || self == .retrying else { return self }
        return noted
    }

    /// Whether a person may ask for this state while an attempt is under way.
    var canBeNoted: Bool { self == .cancelled || self == .suppressed || self == .held }

    private var isInLine: Bool { self == .ready || self == .attempting || self == .retrying }
}

extension String {
    /// The longest beginning that is whole characters and takes no more bytes than this.
    func prefix(ofBytes limit: Int) -> String {
        if utf8.count <= limit { return self }
        var end = utf8.index(startIndex, offsetBy: limit)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}

extension DeliveryDraft {
    /// The delivery as it is first stored. `ordered` is the time of receipt that order goes by, which never goes back.
    func delivery(id: DeliveryID, event: EventID, source: String, ordered: Timestamp) -> Delivery {
        Delivery(
            id: id,
            event: event,
            source: source,
            rule: rule,
            item: item,
            replay: 0,
            destination: destination,
            queue: queue,
            trigger: trigger,
            onUnknownOutcome: onUnknownOutcome,
            expiresAt: expiresAt,
            state: .ready,
            due: ordered + max(.zero, delay),
            nextCall: trigger.newProfile?.mode == .always ? .newProfile : .trigger
        )
    }
}
