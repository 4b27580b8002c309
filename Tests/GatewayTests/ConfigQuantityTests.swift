import Testing

@testable import Gateway

@Suite struct `Quantities in a config` {
    @Test(arguments: [
        ("200ms", Duration.milliseconds(200)), ("2s", .seconds(2)), ("15m", .seconds(900)), ("6h", .seconds(21_600)),
        ("3d", .seconds(259_200)), ("0s", .zero),
    ])
    func `are durations with a unit`(text: String, duration: Duration) {
        #expect(Duration(config: text) == duration)
    }

    @Test(arguments: ["", "5", "s", "1.5s", "-1s", "+1s", "1 s", "1sec", "1S", "9223372036854775807d", "1_000s", "１s"])
    func `are no durations when written otherwise`(text: String) {
        #expect(Duration(config: text) == nil)
    }

    @Test(arguments: ["200ms", "2s", "15m", "6h", "3d", "90s", "36h", "1001ms"])
    func `are durations shown as they are written`(text: String) {
        #expect(Duration(config: text)?.configText == text)
    }

    @Test(arguments: [("512B", 512), ("64KiB", 65_536), ("4MiB", 4_194_304), ("1GiB", 1_073_741_824), ("0B", 0)])
    func `are sizes with a unit`(text: String, bytes: Int) {
        #expect(ByteCount(text)?.bytes == bytes)
        #expect(ByteCount(bytes: bytes).description == text)
    }

    @Test(arguments: ["", "5", "B", "4MB", "4mib", "1.5MiB", "-1B", "9223372036854775807KiB"])
    func `are no sizes when written otherwise`(text: String) {
        #expect(ByteCount(text) == nil)
    }
}

@Suite struct `The nearest name` {
    @Test(arguments: [
        ("perHuor", "perHour"), ("PERHOUR", "perHour"), ("perhour", "perHour"), ("reserv", "reserve"),
        ("shopfiy", "shopify"), ("sourec", "source"),
    ])
    func `is the one most likely meant`(text: String, name: String) {
        #expect(nearestName(to: text, among: ["perSecond", "perHour", "reserve", "shopify", "source"]) == name)
    }

    @Test(arguments: ["hour", "x", "", "verification"])
    func `is none when nothing is near`(text: String) {
        #expect(nearestName(to: text, among: ["perSecond", "perHour", "reserve"]) == nil)
    }

    @Test(arguments: [("", "", 0), ("abc", "", 3), ("abc", "acb", 1), ("kitten", "sitting", 3), ("abcd", "acbd", 1)])
    func `counts letters inserted, removed, replaced and swapped`(one: String, other: String, distance: Int) {
        #expect(editDistance(one, other) == distance)
        #expect(editDistance(other, one) == distance)
    }
}
