import Dispatch

@testable import HTTPServer

/// A clock that stands still until it is told to go on, and then fires what is due before it returns.
final class TestClock: ServerClock {
    private let state = Lock(State())

    private struct State {
        var now = Duration.seconds(1_000)
        var timers: [Int: Timer] = [:]
        var nextTimer = 0
    }

    private struct Timer {
        var queue: DispatchQueue
        var action: @Sendable () -> Void
        var moment: Duration?
    }

    func now() -> Duration { state.withLock { $0.now } }
    /// 1994-11-06T08:49:37Z, RFC 9110's example.
    func secondsSince1970() -> Int64 { 784_111_777 }

    func makeTimer(on queue: DispatchQueue, action: @escaping @Sendable () -> Void) -> any ServerTimer {
        let number = state.withLock { state in
            state.nextTimer += 1
            state.timers[state.nextTimer] = Timer(queue: queue, action: action)
            return state.nextTimer
        }
        return Handle(clock: self, number: number)
    }

    /// Lets time pass, and waits until all timers that are due have done their work.
    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            var due: [Timer] = []
            for (number, timer) in state.timers where timer.moment.map({ $0 <= state.now }) ?? false {
                due.append(timer)
                state.timers[number]?.moment = nil
            }
            return due
        }
        for timer in due { timer.queue.sync { timer.action() } }
    }

    private struct Handle: ServerTimer {
        let clock: TestClock
        let number: Int
        func set(to moment: Duration) { clock.state.withLock { $0.timers[number]?.moment = moment } }
        func cancel() { clock.state.withLock { _ = $0.timers.removeValue(forKey: number) } }
    }
}
