public import Model

/// What a queue has to send, as the store and the accounts know it.
public struct QueueLoad: Sendable, Equatable {
    public var queue: String
    /// Deliveries that are owed.
    public var waiting: Int
    /// How many more come in an hour of the clock.
    public var arrivalsPerHour: Double

    public init(queue: String, waiting: Int, arrivalsPerHour: Double = 0) {
        self.queue = queue
        self.waiting = waiting
        self.arrivalsPerHour = arrivalsPerHour
    }
}

/// When a queue will have sent what it has.
public struct QueueForecast: Sendable, Equatable {
    public var queue: String
    /// When nothing of it waits; nil when that will not be, because it is paused, or more comes in than goes out.
    public var clearsAt: Timestamp?
    /// When the first of its deliveries expires before its turn; nil when none will.
    public var beginsToExpireAt: Timestamp?

    public init(queue: String, clearsAt: Timestamp?, beginsToExpireAt: Timestamp?) {
        self.queue = queue
        self.clearsAt = clearsAt
        self.beginsToExpireAt = beginsToExpireAt
    }
}

extension DeliveryEngine {
    /// When each queue will be clear, if every call is taken at once: the pacer itself, played forward.
    /// Costs some milliseconds at most, however much waits.
    public func forecast(_ loads: [QueueLoad], at now: Timestamp) -> [QueueForecast] {
        let isServed = pause == nil && !isDraining
        var forecast = Forecast(pacer: pacer, at: now)
        for load in loads {
            let line = lines.first { $0.settings.name == load.queue }
            let settings = line?.settings ?? QueueSettings(name: load.queue)
            let perCall = line?.deliveriesPerCall ?? 1
            forecast.add(load, settings, perCall: perCall, isServed: isServed && line?.isPaused != true)
        }
        forecast.play()
        return loads.indices.map { index in
            let clearsAt = forecast.queues[index].clearsAt
            let line = lines.first { $0.settings.name == loads[index].queue }
            let expiry = line?.beginsToExpire(waiting: loads[index].waiting, clearsAt: clearsAt, at: now)
            return QueueForecast(queue: loads[index].queue, clearsAt: clearsAt, beginsToExpireAt: expiry)
        }
    }
}

/// The serving of some queues, in virtual time: call by call as far as that is cheap, and by rates from there on.
private struct Forecast {
    struct Queue {
        let settings: QueueSettings
        let isServed: Bool
        let arrivalsPerMillisecond: Double
        let deliveriesPerCall: Double
        var waiting: Double
        var served = 0.0
        var clearsAt: Timestamp?

        var isWaiting: Bool { isServed && clearsAt == nil && waiting >= 1 }
    }

    /// The most calls that are played one by one.
    private static let playedCalls = 20_000

    private(set) var queues: [Queue] = []
    private var pacer: Pacer
    private var now: Timestamp

    init(pacer: Pacer, at now: Timestamp) {
        self.pacer = pacer
        self.pacer.settle(at: now)
        self.now = now
    }

    mutating func add(_ load: QueueLoad, _ settings: QueueSettings, perCall: Double, isServed: Bool) {
        queues.append(
            Queue(
                settings: settings,
                isServed: isServed,
                arrivalsPerMillisecond: max(0, load.arrivalsPerHour) / 3_600_000,
                deliveriesPerCall: perCall,
                waiting: Double(load.waiting),
                clearsAt: load.waiting == 0 ? now : nil
            )
        )
    }

    mutating func play() {
        for _ in 0..<Self.playedCalls {
            guard queues.contains(where: \.isWaiting) else { return }
            guard let moment = serveOne() else { continue }
            pass(to: moment)
        }
        playByRates()
    }

    /// Makes the next call, or answers when there may be one.
    private mutating func serveOne() -> Timestamp? {
        var next: Timestamp?
        for priority in [QueuePriority.high, .normal] {
            let waiting = queues.indices.filter { queues[$0].settings.priority == priority && queues[$0].isWaiting }
            guard let index = waiting.min(by: { queues[$0].served < queues[$1].served }) else { continue }
            switch pacer.admission(for: priority, at: now) {
            case .now:
                pacer.played(at: now)
                queues[index].served += 1 / Double(queues[index].settings.weight)
                queues[index].waiting -= queues[index].deliveriesPerCall
                if queues[index].waiting < 1 { queues[index].clearsAt = now }
                return nil
            case .at(let moment):
                next = min(next ?? moment, moment)
            case .afterCall:
                break
            }
        }
        return next ?? now + .milliseconds(1)
    }

    private mutating func pass(to moment: Timestamp) {
        let time = Double(moment.since(now).milliseconds)
        now = moment
        for index in queues.indices where queues[index].clearsAt == nil {
            queues[index].waiting += queues[index].arrivalsPerMillisecond * time
        }
    }

    /// From one clearing to the next, by the rates in between.
    private mutating func playByRates() {
        while queues.contains(where: \.isWaiting) {
            let rates = self.rates()
            let times = queues.indices.compactMap { index -> (index: Int, time: Double)? in
                let net = rates[index] - queues[index].arrivalsPerMillisecond
                return queues[index].isWaiting && net > 0 ? (index, queues[index].waiting / net) : nil
            }
            guard let first = times.min(by: { $0.time < $1.time }) else { return }
            for index in queues.indices where queues[index].clearsAt == nil {
                let net = rates[index] - queues[index].arrivalsPerMillisecond
                queues[index].waiting = max(1, queues[index].waiting - net * first.time)
            }
            now = now + .milliseconds(Int64(first.time))
            queues[first.index].clearsAt = now
        }
    }

    /// Deliveries a millisecond for each queue: what the shares allow, high priority first, then by weight.
    private func rates() -> [Double] {
        var rates = queues.map { $0.clearsAt == nil ? 0 : $0.arrivalsPerMillisecond }
        var used = 0.0
        for priority in [QueuePriority.high, .normal] {
            let ofPriority = queues.indices.filter { queues[$0].settings.priority == priority }
            used += ofPriority.reduce(0) { $0 + rates[$1] / queues[$1].deliveriesPerCall }
            let waiting = ofPriority.filter { queues[$0].isWaiting }
            let weights = waiting.reduce(0) { $0 + queues[$1].settings.weight }
            guard weights > 0 else { continue }
            let left = max(0, pacer.callsPerMillisecond(for: priority, at: now) - used)
            for index in waiting {
                let calls = left * Double(queues[index].settings.weight) / Double(weights)
                rates[index] = calls * queues[index].deliveriesPerCall
            }
            used += left
        }
        return rates
    }
}

extension Pacer {
    /// Forgets the calls under way: a forecast takes them for ended.
    fileprivate mutating func settle(at now: Timestamp) {
        for _ in 0..<underWay { ended(at: now) }
    }

    /// A call that takes no time.
    fileprivate mutating func played(at now: Timestamp) {
        started(at: now)
        ended(at: now)
    }

    fileprivate func callsPerMillisecond(for priority: QueuePriority, at now: Timestamp) -> Double {
        let byHour = Double(share(of: priority, at: now)) / Double(quota.counted.milliseconds)
        return min(byHour, Double(secondLimit(at: now)) / 1_001)
    }
}

extension QueueLine {
    /// When the first delivery expires before its turn, as far as the window shows how long they live.
    fileprivate func beginsToExpire(waiting: Int, clearsAt: Timestamp?, at now: Timestamp) -> Timestamp? {
        guard waiting > 0, let first = window.rows.first else { return nil }
        let lifetimes = window.rows.compactMap { row in row.expiresAt.map { $0.since(row.due).milliseconds } }
        guard let lifetime = lifetimes.min() else { return nil }
        guard let clearsAt else { return first.due + .milliseconds(lifetime) }
        // Turns and expiries both grow evenly from the first that waits to the last, which came just now.
        let age = max(0, now.since(first.due).milliseconds)
        let shortfall = Double(lifetime - age)
        guard shortfall > 0 else { return now }
        let wait = Double(clearsAt.since(now).milliseconds)
        guard wait - Double(age) > shortfall else { return nil }
        return now + .milliseconds(Int64(wait * shortfall / (wait - Double(age))))
    }
}
