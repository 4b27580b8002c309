import JSON
import Testing

@Suite struct `The suite of JSON parsers` {
    @Test(.enabled(if: Conformance.folder != nil))
    func `is answered as it says: accepted, refused, and no crash on what is free`() throws {
        let lines = try Conformance.read("json/jsontestsuite.jsonl").split(separator: UInt8(ascii: "\n"))
        #expect(lines.count >= 200)
        var counts: [String: Int] = [:]
        for line in lines {
            let test = try JSONValue.parse(Array(line))
            let name = try #require(test["name"]?.stringValue)
            let bytes = base64Decoded(try #require(test["base64"]?.stringValue))
            let value = try? JSONValue.parse(bytes)
            let verdict = test["expect"]?.stringValue ?? ""
            switch verdict {
            case "accept": #expect(value != nil, "\(name) is JSON")
            case "reject": #expect(value == nil, "\(name) is not JSON")
            default: break
            }
            counts[verdict, default: 0] += 1
            if let value { #expect(try JSONValue.parse(value.serialized()) == value, "\(name) reads back") }
        }
        let summary = counts.sorted { $0.key < $1.key }.map { "\($0.value) to \($0.key)" }.joined(separator: ", ")
        print("conformance: json: \(lines.count) documents: \(summary)")
    }
}
