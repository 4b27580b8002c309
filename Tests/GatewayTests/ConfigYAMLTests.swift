import Testing

@testable import Gateway

@Suite struct `The YAML of a config` {
    @Test(arguments: [
        (
            "a: [1, 2\nb: 3\n",
            "gateway.yaml:2:2: not YAML: did not find expected ',' or ']' (while parsing a flow sequence, line 1)"
        ),
        ("a: 1\n b: 2\n", "gateway.yaml:2:3: not YAML: mapping values are not allowed in this context"),
        (
            "a: 'x\n",
            "gateway.yaml:2:1: not YAML: found unexpected end of stream (while scanning a quoted scalar, line 1)"
        ),
        (
            "a:\n\t- b\n",
            "gateway.yaml:2:1: not YAML: found character that cannot start any token (while scanning for the next token, line 2)"
        ),
        ("a: *b\n", "gateway.yaml:1:4: not YAML: found undefined alias"),
        (
            "a: 1\n---\nb: 2\n",
            "gateway.yaml:2:1: not YAML: but found another document (expected a single document in the stream, line 1)"
        ),
        ("a: 1\nb: 2\na: 3\n", "gateway.yaml:3:1: key 'a' stands twice in this mapping, first at line 1"),
        (
            "a:\n  bc: 2\n  # bc: 4\n  d: { bc: 5 }\n  \"bc\" : 3\n",
            "gateway.yaml:5:3: key 'bc' stands twice in this mapping, first at line 2"
        ),
        ("a: { b: 1, b: 2 }\n", "gateway.yaml:1:6: key 'b' stands twice in this mapping"),
        ("[a]: 1\n", "gateway.yaml:1:1: a key that is not text"),
        ("a: { <<: 1 }\n", "gateway.yaml:1:10: '<<' takes a mapping, or a list of them"),
    ])
    func `is refused with the place of its mistake`(text: String, expected: String) {
        do throws(ConfigProblem) {
            _ = try YAML.document(text, file: "gateway.yaml")
            Issue.record("was read")
        } catch {
            #expect(error.description == expected)
        }
    }

    @Test(arguments: ["", "\n\n", "# nothing yet\n"])
    func `may hold nothing`(text: String) throws {
        #expect(try YAML.document(text, file: "gateway.yaml") == nil)
    }

    @Test func `does not grow without bound by aliases`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(throws: ConfigProblem.self) { try YAML.document(text, file: "gateway.yaml") }
    }
}

@Suite struct `A place inside a scalar` {
    /// Where the file shows the letter X of the scalar that `key` holds.
    private func place(_ text: String) throws -> String {
        let document = try #require(try YAML.document(text, file: "f"))
        guard case .mapping(let entries) = document.content, let value = entries.first?.value,
            case .scalar(let scalar) = value.content,
            let offset = scalar.text.unicodeScalars.enumerated().first(where: { $0.element == "X" })?.offset
        else { throw Missing() }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let position = value.position(of: offset, in: lines)
        return "\(position.line):\(position.column)"
    }

    private struct Missing: Error {}

    @Test(arguments: [
        ("key: abc X\n", "1:10"),
        ("key: 'it''s X'\n", "1:13"),
        (#"key: "a\tb\u00e9\"X""# + "\n", "1:19"),
        ("key: \"a\\\n  bX\"\n", "2:4"),
        ("key: abc\n  def X\n", "2:7"),
        ("key: |\n  abc\n    d X\n", "3:7"),
        ("key: |-\n\n  abc\n\n  X\n", "5:3"),
        ("key: >\n  abc\n  def\n  g X h\n", "4:5"),
        ("key: 'äöü X'\n", "1:11"),
    ])
    func `is the place in the file`(text: String, expected: String) throws {
        #expect(try place(text) == expected)
    }
}
