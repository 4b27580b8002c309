import Glibc
import Testing

/// `SEED=n` replays one seed with its trace; `COUNT=n` runs that many, from `SEED` on if that is given as well.
@Suite struct `Delivery under simulation` {
    @Test func `keeps order, quota and every delivery, whatever goes wrong`() {
        let seed = environment("SEED")
        let count = environment("COUNT") ?? (seed == nil ? 300 : 1)
        let first = seed ?? 1
        var steps = 0
        var sent = 0
        for seed in first..<(first + count) {
            var simulation = Simulation(seed: seed, traces: count == 1)
            let faults = simulation.run()
            steps += simulation.steps
            sent += simulation.sent
            if !faults.isEmpty {
                Issue.record("seed \(seed): \(faults.prefix(3).joined(separator: "; "))")
            }
        }
        print("simulated \(count) seeds: \(steps) steps, \(sent) calls")
    }

    private func environment(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }
}
