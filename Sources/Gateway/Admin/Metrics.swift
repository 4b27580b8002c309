import Delivery
import EventStore
import Model

/// The metrics: the books, and how the gateway is at this moment.
enum Metrics {
    static func text(accounts: Accounts, backlogs: [Backlog], status: GatewayStatus?) -> String {
        var text = PrometheusText()
        addBooks(accounts, to: &text)
        addBacklogs(backlogs, to: &text)
        if let status { add(status, to: &text) }
        return text.text
    }

    private static func addBooks(_ accounts: Accounts, to text: inout PrometheusText) {
        var requests: [Sample] = []
        var events: [Sample] = []
        for (account, count) in accounts.counts {
            switch account.entry {
            case .answered: requests.append(sample(account.source, "answered", count))
            case .decoded: requests.append(sample(account.source, "decoded", count))
            case .refused(let reason): requests.append(sample(account.source, "refused-" + reason, count))
            case .duplicates: events.append(sample(account.source, "duplicate", count))
            case .dropped: events.append(sample(account.source, "dropped", count))
            case .accepted(let outcome): events.append(sample(account.source, outcome.rawValue, count))
            case .requests, .events, .made, .state: break
            }
        }
        text.add(
            "journey_gateway_requests_total",
            .counter,
            help: "Requests that reached a source, by what became of them.",
            samples: requests.inOrder
        )
        text.add(
            "journey_gateway_events_total",
            .counter,
            help: "Events in decoded requests, by what became of them.",
            samples: events.inOrder
        )
        text.add(
            "journey_gateway_books_imbalances",
            .gauge,
            help: "Equations of the books that do not hold; anything but 0 is a defect.",
            Double(accounts.imbalances().count)
        )
    }

    private static func addBacklogs(_ backlogs: [Backlog], to text: inout PrometheusText) {
        let states = backlogs.flatMap { backlog in
            DeliveryState.allCases.map { state in
                Sample(
                    labels: [
                        ("destination", backlog.destination), ("queue", backlog.queue), ("state", state.rawValue),
                    ],
                    value: Double(backlog.counts[state, default: 0])
                )
            }
        }
        text.add("journey_gateway_deliveries", .gauge, help: "Deliveries by state.", samples: states.inOrder)
        let oldest = backlogs.compactMap { backlog in
            backlog.oldestDue.map {
                Sample(
                    labels: [("destination", backlog.destination), ("queue", backlog.queue)],
                    value: Double($0.milliseconds) / 1_000
                )
            }
        }
        text.add(
            "journey_gateway_oldest_due_seconds",
            .gauge,
            help: "When the oldest waiting delivery became due, in Unix seconds.",
            samples: oldest.inOrder
        )
    }

    private static func add(_ status: GatewayStatus, to text: inout PrometheusText) {
        text.add("journey_gateway_ready", .gauge, help: "1 while events are taken.", status.isReady ? 1 : 0)
        text.add("journey_gateway_connections", .gauge, help: "Open connections.", Double(status.connections))
        text.add(
            "journey_gateway_waiting_changes",
            .gauge,
            help: "Changes waiting for a commit.",
            Double(status.waitingChanges)
        )
        func add(_ name: String, _ help: String, _ value: (GatewayStatus.Destination) -> Double) {
            let samples = status.destinations.map {
                Sample(labels: [("destination", $0.name)], value: value($0))
            }
            text.add("journey_gateway_destination_" + name, .gauge, help: help, samples: samples)
        }
        let pauses = status.destinations.flatMap { destination in
            PauseReason.kinds.map { kind in
                Sample(
                    labels: [("destination", destination.name), ("reason", kind)],
                    value: destination.pauseKind == kind ? 1 : 0
                )
            }
        }
        text.add(
            "journey_gateway_destination_paused",
            .gauge,
            help: "1 while nothing is sent for this reason: a person must act.",
            samples: pauses
        )
        let tokens = status.destinations.compactMap { destination in
            destination.tokenExpiresAt.map {
                Sample(labels: [("destination", destination.name)], value: Double($0.milliseconds) / 1_000)
            }
        }
        text.add(
            "journey_gateway_destination_token_expires_seconds",
            .gauge,
            help: "When the OAuth access token expires, in Unix seconds; it is renewed before.",
            samples: tokens
        )
        add("breaker_open", "1 while the circuit breaker is open.") { $0.isBreakerOpen ? 1 : 0 }
        add("calls_in_flight", "Calls without an answer yet.") { Double($0.callsInFlight) }
        add("calls_in_last_hour", "Calls that count toward the hour's quota.") { Double($0.callsInLastHour) }
        add("calls_per_hour", "The hour's quota: the configured one, or what the destination has been found to allow.")
        { Double($0.callsPerHour) }
        addForecasts(status, to: &text)
    }

    private static func addForecasts(_ status: GatewayStatus, to text: inout PrometheusText) {
        func add(_ name: String, _ help: String, _ value: (GatewayStatus.Queue) -> Double?) {
            let samples: [Sample] = status.destinations.flatMap { destination in
                destination.queues.compactMap { queue in
                    value(queue).map { ([("destination", destination.name), ("queue", queue.name)], $0) }
                }
            }
            text.add("journey_gateway_queue_" + name, .gauge, help: help, samples: samples.inOrder)
        }
        func seconds(_ moment: Timestamp?) -> Double? { moment.map { Double($0.milliseconds) / 1_000 } }
        add("arrivals_per_hour", "Deliveries made in the last minutes, as a rate.") { $0.arrivalsPerHour }
        add("clear_seconds", "When the queue will be clear, in Unix seconds; absent when it will not be.") {
            seconds($0.clearsAt)
        }
        add("expiring_seconds", "When its deliveries begin to expire unsent, in Unix seconds; absent when none will.") {
            seconds($0.beginsToExpireAt)
        }
    }

    private typealias Sample = (labels: [(String, String)], value: Double)

    private static func sample(_ source: String, _ outcome: String, _ count: Int) -> Sample {
        (labels: [("source", source), ("outcome", outcome)], value: Double(count))
    }
}

extension [(labels: [(String, String)], value: Double)] {
    /// Sorted by labels, since dictionaries have no order of their own.
    fileprivate var inOrder: Self {
        sorted { one, other in
            one.labels.map(\.1).lexicographicallyPrecedes(other.labels.map(\.1))
        }
    }
}
