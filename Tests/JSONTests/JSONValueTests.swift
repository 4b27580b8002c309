import JSON
import Testing

@Suite struct `A JSON value` {
    @Test
    func `is a view of the document it was parsed from`() throws {
        let value = try JSONValue.parse(#"{"a": [1, {"b": "x"}, null], "c": 19.90}"#)
        #expect(value["a"]?[1]?["b"]?.stringValue == "x")
        #expect(value["a"]?.count == 3)
        #expect(value["c"]?.number?.lexeme == "19.90")
        #expect(value["a"]?[3] == nil)
        #expect(value["d"] == nil)
    }
}
