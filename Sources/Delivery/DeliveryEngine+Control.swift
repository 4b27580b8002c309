public import Model

// What operators and the config's reload ask for.
extension DeliveryEngine {
    /// Does what is asked for. Whoever waits for it is told when the last of the changes that it takes is durable, or at
    /// once where it takes none.
    mutating func take(_ control: Control, _ request: RequestID?, at now: Timestamp) {
        let before = journal.count
        take(control, at: now)
        guard let request else { return }
        if journal.count > before { journal.answer(request) } else { act(.done(request, [])) }
    }

    private mutating func take(_ control: Control, at now: Timestamp) {
        switch control {
        case .pause(.destination):
            if pause == nil { setPause(.requested) }
        case .pause(.queue(let queue)):
            setPause(of: queue, true)
        case .resume(.destination):
            token.reset(at: now)
            endPause()
        case .resume(.queue(let queue)):
            setPause(of: queue, false)
        case .move(let move):
            let isReadyMeant = move.from.contains(.ready)
            take(.move(move), Departure(isReadyMeant ? move.deliveries : []), of: move.deliveries, from: move.from)
        case .transfer(let transfer):
            let departure = Departure(transfer.deliveries, by: transfer)
            take(.transfer(transfer), departure, of: transfer.deliveries, from: [.ready, .retrying])
        case .reconfigure(let settings):
            reconfigure(settings, at: now)
        case .token(let standing):
            take(standing, at: now)
        case .authorize(let limit):
            token.wantAuthorization(until: limit)
        case .drain:
            isDraining = true
        }
    }

    mutating func setPause(_ reason: PauseReason) {
        guard pause == nil else { return }
        pause = reason
        store(reason, for: .destination)
    }

    mutating func endPause() {
        guard pause != nil else { return }
        pause = nil
        store(nil, for: .destination)
    }

    private mutating func setPause(of queue: String, _ isPaused: Bool) {
        let index = line(of: queue)
        guard lines[index].isPaused != isPaused else { return }
        lines[index].isPaused = isPaused
        store(isPaused ? .requested : nil, for: .queue(queue))
    }

    private mutating func store(_ reason: PauseReason?, for scope: PauseScope) {
        let value = reason.map { StoredPause($0, credentialsFingerprint: settings.credentialsFingerprint).value }
        journal.append(.set(name: scope.settingName(destination: settings.name), value: value), for: .record)
        act(.alert(reason.map { .paused(scope, $0) } ?? .resumed(scope)))
    }

    /// What ends the destination's pause in the store, where it is one of ours: for a process without an engine.
    public static func resuming(_ stored: [String: [UInt8]], destination: String) -> [Change] {
        let name = PauseScope.destination.settingName(destination: destination)
        guard let pause = stored[name].flatMap(StoredPause.init(value:)), pause.reason.isOurs else { return [] }
        return [.set(name: name, value: nil)]
    }

    /// Pauses as the store has them; one of ours ends when it arose under other credentials.
    mutating func restorePauses(_ stored: [String: [UInt8]]) {
        for index in lines.indices {
            let name = PauseScope.queue(lines[index].settings.name).settingName(destination: settings.name)
            lines[index].isPaused = stored[name] != nil
        }
        let name = PauseScope.destination.settingName(destination: settings.name)
        guard let found = stored[name].flatMap(StoredPause.init(value:)) else { return }
        pause = found.reason
        endOutdatedPause(of: found.credentialsFingerprint)
    }

    private mutating func endOutdatedPause(of fingerprint: String) {
        if pause?.isOurs == true, fingerprint != settings.credentialsFingerprint { endPause() }
    }

    private mutating func take(
        _ change: Change,
        _ departure: Departure,
        of deliveries: [DeliveryID],
        from states: Set<DeliveryState>
    ) {
        let leaving = deliveries.compactMap { id in
            // What is in its new place already, the store leaves alone.
            takeOut(id, from: states, where: { departure.transfer?.moves($0) ?? true })
                .map { letGo($0.delivery, wasRetrying: $0.wasRetrying) }
        }
        departures.append(departure)
        journal.append(change, for: .control(leaving))
    }

    /// Takes a delivery that is waiting out of the memory, if it is there.
    mutating func takeOut(
        _ id: DeliveryID,
        from states: Set<DeliveryState>,
        where isMeant: (Delivery) -> Bool = { _ in true }
    ) -> (delivery: Delivery, wasRetrying: Bool)? {
        for index in lines.indices {
            if states.contains(.ready), let delivery = lines[index].window.remove(id, where: isMeant) {
                return (delivery, false)
            }
            if states.contains(.retrying), let retrying = lines[index].retrying.remove(id, where: isMeant) {
                return (retrying.delivery, true)
            }
        }
        return nil
    }

    private mutating func reconfigure(_ new: DestinationSettings, at now: Timestamp) {
        precondition(new.name == settings.name, "an engine serves one destination")
        let fingerprint = settings.credentialsFingerprint
        adopt(new)
        pacer.change(to: new.quota)
        breaker.settings = new.breaker
        token.canRenew = new.canRenewToken
        for queue in new.queues { lines[line(of: queue.name)].settings = queue }
        if fingerprint != new.credentialsFingerprint {
            token.reset(at: now)
            endOutdatedPause(of: fingerprint)
        }
    }
}
