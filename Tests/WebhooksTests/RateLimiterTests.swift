import Model
import Testing

@testable import Webhooks

@Suite struct `The rate limiter` {
    private func moment(_ seconds: Double) -> Timestamp { Timestamp(milliseconds: Int64(seconds * 1_000)) }

    @Test func `lets a burst through, then one for each token, and says how long to wait`() {
        var limiter = RateLimiter(RateLimit(perSecond: 2, burst: 3))
        #expect((0..<3).allSatisfy { _ in limiter.take(from: "1.2.3.4", at: moment(0)) == nil })
        #expect(limiter.take(from: "1.2.3.4", at: moment(0)) == 1)
        #expect(limiter.take(from: "1.2.3.4", at: moment(0.4)) == 1)
        #expect(limiter.take(from: "1.2.3.4", at: moment(0.5)) == nil)
        #expect(limiter.take(from: "1.2.3.4", at: moment(0.5)) == 1)
    }

    @Test func `tells long waits in whole seconds, rounded up`() {
        var limiter = RateLimiter(RateLimit(perSecond: 0.1, burst: 1))
        #expect(limiter.take(from: "a", at: moment(0)) == nil)
        #expect(limiter.take(from: "a", at: moment(0.5)) == 10)
        #expect(limiter.take(from: "a", at: moment(9.9)) == 1)
        #expect(limiter.take(from: "a", at: moment(10)) == nil)
    }

    @Test func `counts by address, an IPv6 network as one, or the source as a whole`() {
        var byAddress = RateLimiter(RateLimit(perSecond: 1, burst: 1))
        #expect(byAddress.take(from: "1.2.3.4", at: moment(0)) == nil)
        #expect(byAddress.take(from: "1.2.3.5", at: moment(0)) == nil)
        #expect(byAddress.take(from: "2001:db8::1", at: moment(0)) == nil)
        #expect(byAddress.take(from: "2001:db8:0:0:ffff::2", at: moment(0)) == 1)
        #expect(byAddress.take(from: "2001:db8:0:1::1", at: moment(0)) == nil)
        var whole = RateLimiter(RateLimit(perSecond: 1, burst: 1, by: .source))
        #expect(whole.take(from: "1.2.3.4", at: moment(0)) == nil)
        #expect(whole.take(from: "1.2.3.5", at: moment(0)) == 1)
    }

    @Test func `never lets more through than burst and rate allow, whenever buckets are forgotten`() {
        var limiter = RateLimiter(RateLimit(perSecond: 5, burst: 10))
        var random = SystemRandomNumberGenerator()
        var passed: [Double] = []
        var now = 0.0
        while now < 200 {
            if limiter.take(from: "a", at: moment(now)) == nil { passed.append(now) }
            now += Double.random(in: 0...0.3, using: &random).rounded(toPlaces: 3)
        }
        for start in passed.indices {
            let count = passed[start...].prefix { $0 < passed[start] + 10 }.count
            #expect(count <= 60)
        }
        #expect(passed.count > 900)
    }

    @Test func `holds bounded memory however many addresses come, and forgets the quiet ones`() {
        var limiter = RateLimiter(RateLimit(perSecond: 1, burst: 1), capacity: 100)
        for address in 0..<10_000 { _ = limiter.take(from: "host\(address)", at: moment(0)) }
        #expect(limiter.count <= 200)
        _ = limiter.take(from: "a", at: moment(10))
        _ = limiter.take(from: "a", at: moment(20))
        #expect(limiter.count <= 2)
    }

    @Test func `survives a clock that goes back`() {
        var limiter = RateLimiter(RateLimit(perSecond: 1, burst: 1))
        #expect(limiter.take(from: "a", at: moment(100)) == nil)
        #expect(limiter.take(from: "a", at: moment(50)) == 1)
        #expect(limiter.take(from: "a", at: moment(100.5)) == 1, "the time that ran twice counts once")
        #expect(limiter.take(from: "a", at: moment(101)) == nil)
    }
}

extension Double {
    fileprivate func rounded(toPlaces places: Int) -> Double {
        let scale = places == 3 ? 1_000.0 : 1
        return (self * scale).rounded() / scale
    }
}
