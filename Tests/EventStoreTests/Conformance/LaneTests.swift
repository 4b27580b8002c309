import EventStore
import Model
import Testing

@Suite struct `A store of any kind keeps the order of a lane` {
    @Test(arguments: StoreKind.allCases)
    func `the first parked one becomes ready when the lane is free, one at a time`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let lane = try (0..<4).map { _ in try test.deliveries(samples.receipt())[0] }
        try test.start(lane[0], at: samples.now)
        // Parked out of order, and promoted in order all the same.
        #expect(try test.move([lane[2], lane[1], lane[3]], from: [.ready], to: .parked).moved.count == 3)
        #expect(try test.ready() == [])
        #expect(try test.store.parked(lane: lane[0].lane, limit: 2).map(\.id) == [lane[1].id, lane[2].id])
        try test.reopen()

        for next in 1...3 {
            let before = lane[next - 1]
            if next > 1 { try test.start(before, at: samples.now) }
            let (_, promoted) = try test.finish(before, at: samples.now, as: next == 2 ? .dead : .delivered)
            #expect(promoted.map(\.id) == [lane[next].id])
            #expect(promoted.map(\.state) == [.ready])
            #expect(try test.ready() == [lane[next].id])
            #expect(try test.store.inconsistencies() == [])
        }
    }

    @Test(arguments: [DeliveryState.held, .cancelled, .expired, .suppressed])
    func `whatever way a delivery leaves the line, the next goes on`(state: DeliveryState) throws {
        for kind in StoreKind.allCases {
            let test = try kind.open()
            var samples = Samples()
            let first = try test.deliveries(samples.receipt())[0]
            let second = try test.deliveries(samples.receipt())[0]
            try test.start(first, at: samples.now)
            try test.move([second], from: [.ready], to: .parked)
            try test.finish(first, at: samples.now, as: .retrying, retryAt: samples.now + .seconds(1))
            let (moved, promoted) = try test.move([first], from: [.retrying], to: state)
            #expect(moved.map(\.state) == [state])
            #expect(promoted.map(\.id) == [second.id])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `nothing is promoted while the lane is busy`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let lane = try (0..<4).map { _ in try test.deliveries(samples.receipt())[0] }
        try test.start(lane[0], at: samples.now)
        try test.move([lane[1]], from: [.ready], to: .parked)
        #expect(try test.move([lane[2]], from: [.ready], to: .cancelled).promoted == [])
        #expect(try test.finish(lane[0], at: samples.now, as: .retrying, retryAt: samples.now).promoted == [])
        try test.start(lane[0], number: 2, at: samples.now)
        #expect(try test.finish(lane[0], number: 2, at: samples.now, as: .ready).promoted == [])
        #expect(try test.move([lane[3]], from: [.ready], to: .cancelled).promoted == [])
        #expect(try test.move([lane[0]], from: [.ready], to: .held).promoted.map(\.id) == [lane[1].id])
    }

    @Test(arguments: StoreKind.allCases)
    func `parking behind a lane that is free by now leaves the delivery ready`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let first = try test.deliveries(samples.receipt())[0]
        let second = try test.deliveries(samples.receipt())[0]
        let third = try test.deliveries(samples.receipt())[0]
        try test.start(first, at: samples.now)
        try test.finish(first, at: samples.now, as: .delivered)
        let (moved, promoted) = try test.move([second], from: [.ready], to: .parked)
        #expect(moved == [])
        #expect(promoted.map(\.id) == [second.id])
        // It has the lane now: the next one can be parked behind it.
        #expect(try test.move([third], from: [.ready], to: .parked).moved.map(\.id) == [third.id])
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `one that was promoted lets those go first that come later with an earlier place`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let first = try test.deliveries(samples.receipt())[0]
        let promoted = try test.deliveries(samples.receipt(delay: .seconds(60)))[0]
        try test.start(first, at: samples.now)
        try test.move([promoted], from: [.ready], to: .parked)
        #expect(try test.finish(first, at: samples.now, as: .delivered).promoted.map(\.id) == [promoted.id])

        let earlier = try (0..<3).map { _ in try test.deliveries(samples.receipt())[0] }
        try test.start(earlier[0], at: samples.now)
        try test.move([earlier[1]], from: [.ready], to: .parked)
        #expect(try test.finish(earlier[0], at: samples.now, as: .delivered).promoted.map(\.id) == [earlier[1].id])
        // Behind the one that came first there is somebody to wait for, and behind the later one there is not.
        #expect(try test.move([earlier[2], promoted], from: [.ready], to: .parked).moved.count == 2)
        try test.move([earlier[1]], from: [.ready], to: .held)
        #expect(try test.ready() == [earlier[2].id])
        #expect(try test.store.inconsistencies() == [])
    }

    @Test(arguments: StoreKind.allCases)
    func `what one change promotes and then moves is told as moved alone`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let lane = try (0..<3).map { _ in try test.deliveries(samples.receipt())[0] }
        try test.start(lane[0], at: samples.now)
        try test.move([lane[1], lane[2]], from: [.ready], to: .parked)
        try test.finish(lane[0], at: samples.now, as: .retrying, retryAt: samples.now)
        let (moved, promoted) = try test.move([lane[0], lane[1]], from: [.retrying, .parked, .ready], to: .cancelled)
        #expect(moved.map(\.id) == [lane[0].id, lane[1].id])
        #expect(promoted.map(\.id) == [lane[2].id])
    }

    @Test(arguments: StoreKind.allCases)
    func `a parked delivery may be called off without waking the lane`(kind: StoreKind) throws {
        let test = try kind.open()
        var samples = Samples()
        let lane = try (0..<3).map { _ in try test.deliveries(samples.receipt())[0] }
        try test.start(lane[0], at: samples.now)
        try test.move([lane[1], lane[2]], from: [.ready], to: .parked)
        #expect(try test.move([lane[1]], from: [.parked], to: .cancelled).promoted == [])
        #expect(try test.finish(lane[0], at: samples.now, as: .delivered).promoted.map(\.id) == [lane[2].id])
    }
}
