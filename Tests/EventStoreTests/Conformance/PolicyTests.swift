import EventStore
import Model
import Testing

@Suite struct `A store of any kind keeps what rules and operators say of deliveries` {
    /// An event of the shop with one delivery of these policies for each person.
    private func receipt(
        _ samples: inout Samples,
        people: [String] = ["1"],
        delay: Duration = .zero,
        _ policies: DeliveryPolicies = DeliveryPolicies(),
        cancels: [Cancellation] = []
    ) -> Receipt {
        var mapped = samples.event(people: people, delay: delay)
        for index in mapped.mapping.deliveries.indices {
            mapped.mapping.deliveries[index].policies = policies
            if let lifetime = policies.expiresAfter {
                mapped.mapping.deliveries[index].expiresAt = mapped.event.receivedAt + lifetime
            }
        }
        mapped.mapping.cancellations = cancels
        return Receipt(source: "shop", events: [mapped])
    }

    private func policies(_ key: String) -> DeliveryPolicies { DeliveryPolicies(cancelKey: key) }

    private func cancels(_ key: String, for time: Duration = .seconds(60)) -> [Cancellation] {
        [Cancellation(rule: "welcome", key: key, remembered: time)]
    }

    // MARK: Rows

    @Test(arguments: StoreKind.allCases)
    func `all that was frozen comes back as it was`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let all = DeliveryPolicies(
            expiresAfter: .seconds(60),
            atMost: AtMost(times: 2, per: .seconds(3_600)),
            hours: OpenHours(from: 540, to: 1_260, timeZone: "Europe/Berlin"),
            cancelKey: "t\u{0}ü"
        )
        let delivery = try test.deliveries(receipt(&samples, all))[0]
        try test.reopen()
        #expect(try test.store.delivery(delivery.id) == delivery)
        #expect(delivery.policies == all)
    }

    // MARK: Expiry

    @Test(arguments: StoreKind.allCases)
    func `what has expired while it waited is found, the first to expire first`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let start = samples.now
        func made(living seconds: Int64?, _ people: String...) throws -> [Delivery] {
            try test.deliveries(
                receipt(&samples, people: people, DeliveryPolicies(expiresAfter: seconds.map(Duration.seconds)))
            )
        }
        let late = try made(living: 60, "ready", "held", "attempting", "delivered")
        let early = try made(living: 30, "retrying", "parked")
        _ = try made(living: nil, "immortal")
        try test.move([late[1]], from: [.ready], to: .held)
        for delivery in [late[2], late[3], early[0]] { try test.start(delivery, at: start) }
        try test.finish(late[3], at: start, as: .delivered)
        try test.finish(early[0], at: start, as: .retrying, retryAt: start + .seconds(600))
        let behind = try test.deliveries(
            receipt(&samples, people: ["retrying"], DeliveryPolicies(expiresAfter: .seconds(45)))
        )
        try test.move(behind, from: [.ready], to: .parked)
        try test.reopen()

        func expired(after seconds: Int64, limit: Int = 10) throws -> [DeliveryID] {
            try test.store.expired(at: start + .seconds(seconds), limit: limit).map(\.id)
        }
        #expect(try expired(after: 29) == [])
        #expect(try expired(after: 30) == early.map(\.id))
        let all = early.map(\.id) + behind.map(\.id) + late.prefix(2).map(\.id)
        #expect(try expired(after: 60) == all)
        #expect(try expired(after: 600, limit: 2) == Array(all.prefix(2)))
        try test.move(late, from: [.ready, .held], to: .expired)
        #expect(try expired(after: 600) == Array(all.prefix(3)))
        #expect(try test.store.inconsistencies() == [])
    }

    // MARK: Calling off

    @Test(arguments: StoreKind.allCases)
    func `an event calls off what waits under its key, in whatever state`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let ready = try test.deliveries(receipt(&samples, people: ["1", "2"], policies("a")))
        let other = try test.deliveries(receipt(&samples, people: ["3"], policies("b")))[0]
        let retrying = try test.deliveries(receipt(&samples, people: ["4"], policies("a")))[0]
        let behind = try test.deliveries(receipt(&samples, people: ["4"]))[0]
        let attempting = try test.deliveries(receipt(&samples, people: ["5"], policies("a")))[0]
        try test.start(retrying, at: samples.now)
        try test.move([behind], from: [.ready], to: .parked)
        try test.finish(retrying, at: samples.now, as: .retrying, outcome: "unavailable", retryAt: samples.now)
        try test.start(attempting, at: samples.now)
        try test.reopen()

        let appended = try test.append(receipt(&samples, people: [], cancels: cancels("a")))
        guard case .accepted(_, _, let moved)? = appended.first else { return #expect(Bool(false)) }
        #expect(Set(moved.map(\.id)) == Set((ready + [retrying, behind]).map(\.id)))
        #expect(moved.filter { $0.state == .cancelled }.count == 3)
        #expect(moved.first { $0.state == .ready }?.id == behind.id)
        #expect(try test.state(other) == .ready)
        #expect(try test.state(attempting) == .attempting)
        try test.finish(attempting, at: samples.now, as: .retrying, outcome: "unavailable", retryAt: samples.now)
        #expect(try test.state(attempting) == .cancelled)
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `a delivery that was released can be called off as long as it waits`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let all = DeliveryPolicies(expiresAfter: .seconds(60), cancelKey: "a")
        let delivery = try test.deliveries(receipt(&samples, all))[0]
        try test.move([delivery], from: [.ready], to: .held)
        samples.now = samples.now + .seconds(90)
        _ = try test.store.commit([.move(Move([delivery.id], from: [.held], to: .ready, at: samples.now))])
        try test.append(receipt(&samples, people: [], cancels: cancels("a")))
        #expect(try test.state(delivery) == .cancelled)
    }

    @Test(arguments: StoreKind.allCases)
    func `a cancelling event that comes first is remembered for its while`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        try test.append(receipt(&samples, people: [], cancels: cancels("a", for: .seconds(60))))
        samples.now = samples.now + .seconds(59)
        try test.reopen()
        #expect(try test.deliveries(receipt(&samples, policies("a"))).map(\.state) == [.cancelled])
        #expect(try test.deliveries(receipt(&samples, policies("b"))).map(\.state) == [.ready])
        samples.now = samples.now + .seconds(1)
        #expect(try test.deliveries(receipt(&samples, policies("a"))).map(\.state) == [.ready])
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `an event that calls off its own kind takes the place of those before it`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let first = try test.deliveries(receipt(&samples, policies("a"), cancels: cancels("a")))[0]
        let second = try test.deliveries(receipt(&samples, policies("a"), cancels: cancels("a")))[0]
        #expect(try test.state(first) == .cancelled)
        #expect(try test.state(second) == .ready)
    }

    // MARK: Suppression and resting rules

    @Test(arguments: StoreKind.allCases)
    func `a person on the list is not messaged, from mapping to sending`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let before = try test.deliveries(receipt(&samples, people: ["1"]))[0]
        let behind = try test.deliveries(receipt(&samples, people: ["1"]))[0]
        let name = StandingOrders.suppression(snType: "SMS", snID: "1")
        _ = try test.store.commit([.set(name: name, value: [])])
        try test.reopen()
        #expect(try test.deliveries(receipt(&samples, people: ["1", "2"])).map(\.state) == [.suppressed, .ready])
        #expect(try test.start(before, at: samples.now).map(\.state) == [.suppressed])
        #expect(try test.store.attempts(of: before.id).isEmpty)
        #expect(try test.store.calls(destination: "sprinklr", since: Timestamp(milliseconds: 0)) == [])
        _ = try test.store.commit([.set(name: name, value: nil)])
        #expect(try test.start(behind, at: samples.now).map(\.state) == [.attempting])
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `a suppression without a type means every channel`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        _ = try test.store.commit([.set(name: StandingOrders.suppression(snType: nil, snID: "a/b"), value: [])])
        #expect(try test.deliveries(receipt(&samples, people: ["a/b", "a"])).map(\.state) == [.suppressed, .ready])
        #expect(StandingOrders.person(ofSuppression: "suppress/*/a/b")?.snID == "a/b")
    }

    @Test(arguments: StoreKind.allCases)
    func `the deliveries of a rule that rests are held`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        _ = try test.store.commit([.set(name: StandingOrders.pause(ofRule: "welcome"), value: [])])
        try test.reopen()
        #expect(try test.deliveries(receipt(&samples)).map(\.state) == [.held])
        _ = try test.store.commit([.set(name: StandingOrders.pause(ofRule: "welcome"), value: nil)])
        #expect(try test.deliveries(receipt(&samples)).map(\.state) == [.ready])
    }

    // MARK: How often

    @Test(arguments: StoreKind.allCases)
    func `a person is messaged so often by a rule and no more, counted when it is sent`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let limit = DeliveryPolicies(atMost: AtMost(times: 2, per: .seconds(60)))
        let all = try (0..<4).map { _ in try test.deliveries(receipt(&samples, limit))[0] }
        let other = try test.deliveries(receipt(&samples, people: ["2"], limit))[0]
        for delivery in all[..<2] {
            #expect(try test.start(delivery, at: samples.now).map(\.state) == [.attempting])
            try test.finish(delivery, at: samples.now, as: .delivered)
        }
        try test.reopen()
        #expect(try test.start(all[2], at: samples.now + .milliseconds(59_999)).map(\.state) == [.suppressed])
        #expect(try test.start(other, at: samples.now).map(\.state) == [.attempting])
        #expect(try test.start(all[3], at: samples.now + .seconds(60)).map(\.state) == [.attempting])
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `a retry counts once, and what failed for certain not at all`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let limit = DeliveryPolicies(atMost: AtMost(times: 1, per: .seconds(60)))
        let all = try (0..<4).map { _ in try test.deliveries(receipt(&samples, limit))[0] }
        try test.start(all[0], at: samples.now)
        try test.finish(all[0], at: samples.now, as: .retrying, outcome: "unavailable", retryAt: samples.now)
        #expect(try test.start(all[0], number: 2, at: samples.now).map(\.state) == [.attempting])
        try test.finish(all[0], number: 2, at: samples.now, as: .dead, outcome: "rejected")
        // Given back: the next may go. It may have reached the person, so that it counts though it ended dead.
        #expect(try test.start(all[1], at: samples.now).map(\.state) == [.attempting])
        try test.finish(all[1], at: samples.now, as: .dead, outcome: "partly-rejected")
        try test.reopen()
        #expect(try test.start(all[2], at: samples.now).map(\.state) == [.suppressed])
    }

    // MARK: Places

    @Test(arguments: StoreKind.allCases)
    func `a postponed delivery has its new place, and leaves its lane to the next`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let lane = try (0..<3).map { _ in try test.deliveries(samples.receipt())[0] }
        try test.start(lane[0], at: samples.now)
        try test.move([lane[1]], from: [.ready], to: .parked)
        try test.finish(lane[0], at: samples.now, as: .retrying, outcome: "unavailable", retryAt: samples.now)
        let later = samples.now + .seconds(3_600)
        let effects = try test.store.commit([.postpone([Postponement(lane[0].id, due: later)])])
        guard case .moved(let moved, let promoted)? = effects.first else { return #expect(Bool(false)) }
        #expect(moved.map(\.due) == [later])
        #expect(moved.map(\.state) == [.ready])
        #expect(promoted.map(\.id) == [lane[1].id])
        #expect(try test.ready() == [lane[1].id, lane[2].id, lane[0].id])
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `a transferred delivery is counted where it is, and frees the lane that it leaves`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let lane = try (0..<3).map { _ in try test.deliveries(samples.receipt())[0] }
        try test.start(lane[0], at: samples.now)
        try test.move([lane[1]], from: [.ready], to: .parked)
        try test.move([lane[2]], from: [.ready], to: .held)
        let attempted = try test.store.commit([.transfer(Transfer(lane.map(\.id), queue: "slow", destination: nil))])
        guard case .moved(let moved, _)? = attempted.first else { return #expect(Bool(false)) }
        #expect(moved.map(\.id) == [lane[1].id, lane[2].id])
        #expect(moved.map(\.state) == [.ready, .held])
        #expect(moved[0].lane != lane[0].lane)
        #expect(try test.ready(queue: "slow") == [lane[1].id])
        let books = try test.store.accounts()
        #expect(books["shop", .made(queue: "slow")] == 2)
        #expect(books["shop", .made(queue: "default")] == 1)
        #expect(try test.store.inconsistencies() == [])
        let elsewhere = try test.store.commit([.transfer(Transfer([lane[1].id], queue: nil, destination: "eu"))])
        guard case .moved(let away, _)? = elsewhere.first else { return #expect(Bool(false)) }
        #expect(away.map(\.destination) == ["eu"])
        #expect(try test.store.backlogs().map(\.destination) == ["eu", "sprinklr", "sprinklr"])
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `a released delivery is due from then on, and lives as long again`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let held = try test.deliveries(receipt(&samples, DeliveryPolicies(expiresAfter: .seconds(60))))[0]
        try test.move([held], from: [.ready], to: .held)
        let now = samples.now + .seconds(500)
        _ = try test.store.commit([.move(Move([held.id], from: [.held], to: .ready, at: now))])
        let released = try test.store.delivery(held.id)
        #expect(released?.due == now)
        #expect(released?.expiresAt == now + .seconds(60))
    }

    // MARK: Replays

    @Test(arguments: StoreKind.allCases)
    func `a dead letter is made anew once, as a delivery that names it`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let old = try test.deliveries(receipt(&samples, DeliveryPolicies(expiresAfter: .seconds(60))))[0]
        let delivered = try test.deliveries(receipt(&samples))[0]
        for (delivery, state) in [(old, DeliveryState.dead), (delivered, .delivered)] {
            try test.start(delivery, at: samples.now)
            try test.finish(delivery, at: samples.now, as: state, outcome: "rejected")
        }
        let now = samples.now + .seconds(500)
        func replay(_ ids: [DeliveryID]) throws -> [Delivery] {
            guard case .moved(let made, _)? = try test.store.commit([.replay(ids, at: now)]).first else { return [] }
            return made
        }
        let new = try #require(replay([old.id, delivered.id]).first)
        #expect(new.replays == old.id)
        #expect(new.replay == 1)
        #expect(new.state == .ready)
        #expect(new.due == now)
        #expect(new.expiresAt == now + .seconds(60))
        #expect(new.trigger == old.trigger)
        try test.reopen()
        #expect(try replay([old.id]) == [])
        #expect(try test.ready() == [new.id])
        #expect(try test.state(old) == .dead)

        try test.start(new, at: now)
        try test.finish(new, at: now, as: .dead, outcome: "rejected")
        #expect(try replay([old.id, new.id]).map(\.replay) == [2])
        #expect(try test.store.story(of: old.event)?.deliveries.map(\.delivery.replay) == [0, 1, 2])
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `deliveries are found by when their event came`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        var all: [Delivery] = []
        for _ in 0..<3 {
            all += try test.deliveries(samples.receipt())
            samples.now = samples.now + .seconds(60)
        }
        let filter = DeliveryFilter(since: all[1].receivedAt, until: all[2].receivedAt)
        #expect(try test.store.deliveries(filter, from: .newest, limit: 10).elements.map(\.id) == [all[1].id])
    }
}
