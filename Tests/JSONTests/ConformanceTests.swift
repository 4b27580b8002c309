import JSON
import Testing

@Suite struct `The suite of JSON parsers` {
    @Test(.enabled(if: Conformance.folder != nil))
    func `is answered as it says: accepted, refused, and no crash on what is free`() throws {
        let lines = try Conformance.read("json/jsontestsuite.jsonl").split(separator: UInt8(ascii: "\n"))
        #expect(lines.count >= 200)
        for line in lines {
            let test = try JSONValue.parse(Array(line))
            let name = try #require(test["name"]?.stringValue)
            let bytes = base64Decoded(try #require(test["base64"]?.stringValue))
            let value = try? JSONValue.parse(bytes)
            switch test["expect"]?.stringValue {
            case "accept": #expect(value != nil, "\(name) is JSON")
            case "reject": #expect(value == nil, "\(name) is not JSON")
            default: break
            }
            if let value { #expect(try JSONValue.parse(value.serialized()) == value, "\(name) reads back") }
        }
    }
}
