import Glibc
import Testing

/// `SEED=n` replays one seed with its trace; `COUNT=n` runs that many, from `SEED` on if that is given as well.
@Suite struct `Delivery under simulation` {
    @Test func `keeps order, quota and every delivery, whatever goes wrong`() async {
        let seed = environment("SEED")
        let count = environment("COUNT") ?? (seed == nil ? 300 : 1)
        let first = seed ?? 1
        let last = first + count
        var steps = 0
        var sent = 0
        // Beside other tests one seed after another; by themselves, as many at once as there are cores.
        let strides: UInt64 = environment("COUNT") == nil ? 1 : 8
        await withTaskGroup(of: [Run].self) { group in
            for start in first..<(first + min(strides, count)) {
                group.addTask {
                    var runs: [Run] = []
                    for seed in stride(from: start, to: last, by: Int(strides)) {
                        runs.append(Run(seed: seed, traces: count == 1))
                        await Task.yield()
                    }
                    return runs
                }
            }
            for await runs in group {
                for run in runs {
                    steps += run.steps
                    sent += run.sent
                    guard !run.faults.isEmpty else { continue }
                    Issue.record("seed \(run.seed): \(run.faults.prefix(3).joined(separator: "; "))")
                }
            }
        }
        print("simulated \(count) seeds: \(steps) steps, \(sent) calls")
    }

    private struct Run: Sendable {
        let seed: UInt64
        let faults: [String]
        let steps: Int
        let sent: Int

        init(seed: UInt64, traces: Bool) {
            var simulation = Simulation(seed: seed, traces: traces)
            self.seed = seed
            faults = simulation.run()
            steps = simulation.steps
            sent = simulation.sent
        }
    }

    private func environment(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }
}
