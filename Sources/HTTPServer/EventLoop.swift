import Dispatch

actor EventLoop {
    nonisolated func stopSoon() {}
}
