import Dispatch

/// Blocks a script's thread until the test says so.
func wait(for signal: AsyncStream<Void>) {
    let semaphore = DispatchSemaphore(value: 0)
    Task {
        _ = await signal.first { true }
        semaphore.signal()
    }
    semaphore.wait()
}
