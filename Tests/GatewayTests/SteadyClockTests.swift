import Model
import Testing

@testable import Gateway

@Suite struct `An engine's clock` {
    private let start = Timestamp(milliseconds: 1_800_000_000_000)

    @Test func `goes with the wall clock, and takes slow corrections for nothing`() {
        var clock = SteadyClock()
        #expect(clock.read(wall: start, uptime: .seconds(5)) == start)
        let later = start + .milliseconds(10_005)
        #expect(clock.read(wall: later, uptime: .seconds(15)) == later)
        #expect(clock.takeJump() == .zero)
    }

    @Test func `follows a jump forward and tells of it once`() {
        var clock = SteadyClock()
        _ = clock.read(wall: start, uptime: .seconds(5))
        let later = start + .seconds(3_601)
        #expect(clock.read(wall: later, uptime: .seconds(6)) == later)
        #expect(clock.takeJump() == .seconds(3_600))
        #expect(clock.takeJump() == .zero)
    }

    @Test func `never goes back, and goes on`() {
        var clock = SteadyClock()
        _ = clock.read(wall: start, uptime: .seconds(5))
        #expect(clock.read(wall: start - .seconds(3_600), uptime: .seconds(6)) == start + .seconds(1))
        // Set right again, it is no jump.
        #expect(clock.read(wall: start + .seconds(2), uptime: .seconds(7)) == start + .seconds(2))
        #expect(clock.takeJump() == .zero)
    }
}
