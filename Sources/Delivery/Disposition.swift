import Model

/// What an outcome makes of its delivery and of its destination.
struct Disposition: Sendable, Equatable {
    /// What becomes of the delivery.
    enum Fate: Sendable, Equatable {
        case delivered
        /// The same delivery at once by `newProfile`; nothing is counted.
        case fallBack
        case retry(Count, asked: Duration? = nil)
        /// Back to its place in the order, as if nothing had been tried.
        case returned
        case held
        case dead
        /// Again at once, in a call of half as many at most; nothing is counted.
        case divided
        /// Once more, in a call of its own.
        case alone
    }

    /// How a retry is bounded.
    enum Count: Sendable, Equatable {
        /// Toward `maxAttempts`.
        case attempt
        /// Toward `maxAttempts`, and this many times at most.
        case conflict(atMost: Int)
        /// Not at all.
        case none
    }

    /// What it means for the destination.
    enum Consequence: Sendable, Equatable {
        case none
        case renewToken
        case pause
        case closeGate(QuotaScope, until: Timestamp?)
    }

    let fate: Fate
    let consequence: Consequence
    let health: Health

    private init(_ fate: Fate, _ consequence: Consequence = .none, _ health: Health) {
        self.fate = fate
        self.consequence = consequence
        self.health = health
    }

    /// The table of outcomes, row by row.
    ///
    /// - Parameter isShared: whether the call was for several deliveries.
    init(of outcome: Outcome, for delivery: Delivery, isShared: Bool = false) {
        switch outcome {
        // What would end a delivery says of several only that one of them is at fault.
        case .unknownProfile where isShared, .rejected where isShared:
            self.init(.divided, .none, .good)
        case .partlyRejected:
            switch delivery.onUnknownOutcome {
            case .retry: self.init(.alone, .none, .good)
            case .hold: self.init(.held, .none, .good)
            }
        // 2xx without errors
        case .accepted:
            self.init(.delivered, .none, .good)
        // 404 from `trigger`, and the rule has a new profile
        case .unknownProfile where delivery.nextCall == .trigger && delivery.trigger.newProfile != nil:
            self.init(.fallBack, .none, .good)
        // … and where there is none to fall back to, or it was that call already, a 404 as any other
        case .unknownProfile:
            self.init(.dead, .none, .good)
        // 401
        case .unauthorized:
            self.init(.returned, .renewToken, .unknown)
        // 403 that is not about quota, 405, 411, 415, 421
        case .misconfigured:
            self.init(.returned, .pause, .unknown)
        // 403 over QPS, 403 over rate, 429
        case .overQuota(let scope, let until):
            self.init(.returned, .closeGate(scope, until: until), .unknown)
        // 409
        case .conflict:
            self.init(.retry(.conflict(atMost: 3)), .none, .good)
        // other 4xx, 3xx, 2xx with errors
        case .rejected:
            self.init(.dead, .none, .good)
        // 500, 503
        case .unavailable(let retryAfter):
            self.init(.retry(.attempt, asked: retryAfter), .none, .bad)
        // nothing was written
        case .unsent:
            self.init(.retry(.none), .none, .bad)
        // partly or wholly written without a complete answer; 408, 502, 504
        case .ambiguous:
            switch delivery.onUnknownOutcome {
            case .retry: self.init(.retry(.attempt), .none, .bad)
            case .hold: self.init(.held, .none, .bad)
            }
        }
    }
}
