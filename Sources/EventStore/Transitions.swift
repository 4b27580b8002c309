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
    func delivery(
        id: DeliveryID,
        event: EventID,
        source: String,
        ordered: Timestamp,
        state: DeliveryState
    ) -> Delivery {
        made(id, of: event, source, replay: 0, due: ordered + max(.zero, delay), expiresAt: expiresAt, state)
    }

    /// The delivery when it is made of an event of the past.
    func replayed(
        as id: DeliveryID,
        number: Int,
        of event: EventID,
        source: String,
        at now: Timestamp,
        due: Timestamp,
        state: DeliveryState
    ) -> Delivery {
        let expiresAt = policies.expiresAfter.map { now + $0 }
        return made(id, of: event, source, replay: number, due: due, expiresAt: expiresAt, state)
    }

    private func made(
        _ id: DeliveryID,
        of event: EventID,
        _ source: String,
        replay: Int,
        due: Timestamp,
        expiresAt: Timestamp?,
        _ state: DeliveryState
    ) -> Delivery {
        Delivery(
            id: id,
            event: event,
            source: source,
            rule: rule,
            item: item,
            replay: replay,
            destination: destination,
            queue: queue,
            trigger: trigger,
            onUnknownOutcome: onUnknownOutcome,
            policies: policies,
            expiresAt: expiresAt,
            state: state,
            due: due,
            nextCall: trigger.firstCall
        )
    }

    /// Under which name a cancelling event finds the delivery, and for how long.
    func waitingMark(receivedAt: Timestamp) -> (name: Mark.Name, until: Timestamp)? {
        guard let key = policies.cancelKey else { return nil }
        // Well beyond its expiry, which a release puts off.
        let until = max(expiresAt ?? receivedAt, receivedAt + delay) + .seconds(30 * 86_400)
        return (Mark.Name(kind: .waiting, scope: rule, key: key), until)
    }
}

extension Addition {
    /// The drafts that are to be made beside the event's other deliveries, and which replay each is.
    func toBeMade(beside others: [Delivery]) -> [(draft: DeliveryDraft, number: Int)] {
        drafts.compactMap { draft in
            let own = others.filter { $0.rule == draft.rule && $0.item == draft.item }
            let alike = others.filter { other in
                (other.rule == draft.rule && other.item == draft.item)
                    || (other.destination == draft.destination && other.trigger.asksTheSame(as: draft.trigger))
            }
            guard isForced || alike.allSatisfy({ $0.state == .dead }) else { return nil }
            return (draft, (own.map(\.replay).max() ?? 0) + 1)
        }
    }
}

extension Delivery {
    /// The delivery that is made of this one again.
    func replayed(as id: DeliveryID, number: Int, at now: Timestamp, due: Timestamp, state: DeliveryState) -> Delivery {
        Delivery(
            id: id,
            event: event,
            source: source,
            rule: rule,
            item: item,
            replay: number,
            replays: self.id,
            destination: destination,
            queue: queue,
            trigger: trigger,
            onUnknownOutcome: onUnknownOutcome,
            policies: policies,
            expiresAt: policies.expiresAfter.map { now + $0 } ?? expiresAt,
            state: state,
            due: due,
            nextCall: trigger.firstCall
        )
    }

    /// Under which name it is counted how often its rule has messaged its person.
    var timesName: Mark.Name {
        Mark.Name(kind: .times, scope: rule, key: trigger.snType + "\u{0}" + trigger.snID)
    }

    /// Whether it takes back that it was counted, unless one of its attempts may have reached the person.
    var givesTimesBack: Bool { policies.atMost != nil && state.isReplayable }
}

extension Trigger {
    fileprivate var firstCall: CallKind { newProfile?.mode == .always ? .newProfile : .trigger }
}

extension DeliveryState {
    /// Whether it waits for something to happen. One in this state may be given to another queue.
    var isWaiting: Bool { self == .ready || self == .parked || self == .retrying || self == .held }

    /// The states out of which a cancelling event, or an operator, may call a delivery off.
    static let unfinished: Set<DeliveryState> = [.ready, .parked, .retrying, .attempting, .held]
}

extension [Delivery] {
    /// Those that are not among others: what was promoted by a change, and then moved by it, is only moved.
    func but(_ others: [Delivery]) -> [Delivery] {
        let ids = Set(others.map(\.id))
        return filter { !ids.contains($0.id) }
    }
}
