import JSON
import Testing

@Suite struct `A JSON value` {
    @Test
    func `is a view of the document it was parsed from`() throws {
        let value = try JSONValue.parse(#"{"a": [1, {"b": "x"}, null, true], "c": 19.90}"#)
        #expect(value["a"]?[1]?["b"]?.stringValue == "x")
        #expect(value["a"]?[3]?.boolValue == true)
        #expect(value["a"]?[2]?.isNull == true)
        #expect(value["a"]?.count == 4)
        #expect(value["c"]?.number?.lexeme == "19.90")
        #expect(value["a"]?[4] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["d"] == nil)
        #expect(value["c"]?["d"] == nil)
        #expect(value.members?.map(\.key) == ["a", "c"])
        #expect(value["a"]?.elements?.map(\.kind) == [.number, .object, .null, .boolean])
    }

    @Test
    func `made by hand is read like a parsed one`() throws {
        let body = try JSONValue.parse(#"{"id": 12345678901234567890}"#)
        let event = JSONValue.object([("topic", "orders/create"), ("body", body), ("tags", ["a", 1, .null, false])])
        #expect(event["body"]?["id"]?.number?.lexeme == "12345678901234567890")
        #expect(event["tags"]?[1] == 1)
        #expect(event["tags"]?.count == 4)
        #expect(event["missing"] == nil)
        #expect(event["tags"]?[4] == nil && event["tags"]?[-1] == nil && event["topic"]?[0] == nil)
        #expect(
            event.description
                == #"{"topic":"orders/create","body":{"id":12345678901234567890},"tags":["a",1,null,false]}"#
        )
        #expect(try JSONValue.parse(event.serialized()) == event)
    }

    @Test(arguments: [
        ("1", "1.0"), ("100", "1e2"), ("0.10", "0.1"), ("-0", "0"), ("\"a\"", #""\u0061""#),
        (#"{"a":1,"b":[2]}"#, #"{ "b": [2.0], "a": 1 }"#), ("\"\\ud834\\udf06\"", "\"\u{1D306}\""),
        (#"{"a":1,"a":2}"#, #"{"a":2}"#), ("[]", "[ ]"), ("12345678901234567890", "12345678901234567890.0"),
    ])
    func `equals another that means the same`(one: String, other: String) throws {
        #expect(try JSONValue.parse(one) == JSONValue.parse(other))
        #expect(try JSONValue.parse(other) == JSONValue.parse(one))
    }

    @Test(arguments: [
        ("9007199254740993", "9007199254740992"), ("12345678901234567890", "12345678901234567891"), ("1", "\"1\""),
        ("\"\u{E9}\"", "\"e\u{301}\""), ("[1,2]", "[2,1]"), (#"{"a":null}"#, "{}"), ("0.1", "0.10000000000000000001"),
        ("1e400", "2e400"), ("false", "null"), (#"{"a":1}"#, #"{"b":1}"#),
    ])
    func `differs from another that means something else`(one: String, other: String) throws {
        #expect(try JSONValue.parse(one) != JSONValue.parse(other))
        #expect(try JSONValue.parse(other) != JSONValue.parse(one))
    }

    @Test
    func `takes the last member of a name, however it is written`() throws {
        let value = try JSONValue.parse(#"{"a": 1, "b": 2, "\u0061": 3}"#)
        #expect(value["a"] == 3)
        #expect(value.count == 2)
        #expect(value.members?.map(\.key) == ["b", "a"])
        let made = JSONValue.object([("a", 1), ("b", 2), ("a", 3)])
        #expect(made == value)
        #expect(made["a"] == 3)
        #expect(made.description == #"{"b":2,"a":3}"#)
    }

    @Test
    func `keeps names apart that only look the same`() throws {
        let value = try JSONValue.parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(value.count == 2)
        let made = JSONValue.object([("\u{E9}", 1), ("e\u{301}", 2)])
        #expect(made["\u{E9}"] == 1)
        #expect(made == value)
    }

    @Test
    func `finds a member among many, the first, the last and none`() throws {
        let text = (0..<5_000).map { "\"name\($0)\": \($0)" }.joined(separator: ",")
        let value = try JSONValue.parse("{\(text), \"name7\": -7}")
        #expect(value["name0"] == 0)
        #expect(value["name4999"] == 4_999)
        #expect(value["name7"] == -7)
        #expect(value["name5000"] == nil)
        #expect(value.count == 5_000)
    }

    @Test
    func `knows its weight without being written`() throws {
        let value = try JSONValue.parse(#"{"a": ["some text", 1.50, null], "b": {}}"#)
        #expect(value.weight >= value.serialized().count)
        let made = JSONValue.array([value, value, "text"])
        #expect(made.weight >= made.serialized().count)
        var doubled = made
        for _ in 0..<200 { doubled = .array([doubled, doubled]) }
        #expect(doubled.weight > 1 << 40)
    }

    @Test
    func `tells the first element of another kind`() throws {
        let value = try JSONValue.parse("[1, 2, \"3\", 4]")
        #expect(value.firstElement(notOf: .number)?.place == 2)
        #expect(value.firstElement(notOf: .number)?.kind == .string)
        #expect(try JSONValue.parse("[1, {}]").firstElement(notOf: .number)?.kind == .object)
        #expect(JSONValue.array([1, 2]).firstElement(notOf: .number) == nil)
        #expect(JSONValue.array(["1", 2]).firstElement(notOf: .string)?.place == 1)
    }
}
