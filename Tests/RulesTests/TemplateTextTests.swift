import Testing

@testable import Rules

@Suite struct `A template's text` {
    @Test(
        arguments: [
            ("", []), ("a", [.text("a")]), ("{{a}}", [.expression("a", offset: 2)]),
            ("x{{ a }}y{{ b }}", [.text("x"), .expression("a", offset: 4), .text("y"), .expression("b", offset: 12)]),
            ("{{ {a: {b: c}} }}", [.expression("{a: {b: c}}", offset: 3)]),
            ("{{ '}}' }}", [.expression("'}}'", offset: 3)]), ("{{ \"}}\" }}", [.expression("\"}}\"", offset: 3)]),
            ("{{ `\"}}\"` }}", [.expression("`\"}}\"`", offset: 3)]),
            ("{{ '\\'}}' }}", [.expression("'\\'}}'", offset: 3)]),
            ("{ {a}}", [.text("{ {a}}")]), ("ü{{ü}}", [.text("ü"), .expression("ü", offset: 4)]),
            ("{{\n a\n}}", [.expression("a", offset: 4)]),
        ] as [(String, [TemplateText.Piece])]
    )
    func `is cut at its expressions`(text: String, pieces: [TemplateText.Piece]) throws {
        #expect(try TemplateText(text).pieces == pieces)
    }

    @Test(arguments: [
        ("a {{ b", 2, "'{{' is not closed by '}}'"), ("{{ a }", 0, "'{{' is not closed by '}}'"),
        ("{{ ' }}", 0, "'{{' is not closed by '}}'"), ("{{}}", 0, "there is no expression between '{{' and '}}'"),
        ("x{{  }}", 1, "there is no expression between '{{' and '}}'"), ("{{", 0, "'{{' is not closed by '}}'"),
    ])
    func `says where it is wrong`(text: String, offset: Int, message: String) {
        #expect(throws: TemplateText.Fault(offset: offset, message: message)) { try TemplateText(text) }
    }
}
