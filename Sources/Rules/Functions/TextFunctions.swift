import JMESPath
import JSON

extension FieldFunctions {
    static let ofTexts: [Function] = [
        Function(
            "default",
            [Parameter("value", .any), Parameter("other", .any)],
            returns: .any,
            "`value`, or `other` when that is null or blank text. Unlike `||` it keeps false and empty lists.",
            examples: [
                .init("default(`null`, 'friend')", "\"friend\""), .init("default(`false`, 'x')", "false"),
                .init("default(' ', 'x')", "\"x\""),
            ]
        ) { (arguments, _) throws(JMESPathError) in
            let isMissing = arguments[0].isNull || arguments[0].stringValue?.isBlank ?? false
            return isMissing ? arguments[1] : arguments[0]
        },
        Function(
            "truncate",
            [
                Parameter("text", [.string, .null]), Parameter("length", .number),
                Parameter("ending", .string, .optional),
            ],
            returns: [.string, .null],
            """
            The first `length` characters of a text, as people count them. A text that is cut ends with `ending`, which \
            is counted too.
            """,
            examples: [
                .init("truncate('Caps and mugs', `4`)", "\"Caps\""),
                .init("truncate('Caps and mugs', `6`, '…')", "\"Caps …\""),
                .init("truncate('Cap', `4`, '…')", "\"Cap\""),
            ]
        ) { (arguments, _) throws(JMESPathError) in
            guard let text = arguments.text(0) else { return .null }
            let length = try arguments.integer(1, in: 0...Int.max) ?? 0
            guard text.count > length else { return arguments[0] }
            let ending = arguments.string(2)
            return .string(String((text.prefix(max(0, length - ending.count)) + ending).prefix(length)))
        },
        Function(
            "format_number",
            [
                Parameter("value", [.number, .string, .null]), Parameter("decimals", .number),
                Parameter("point", .string, .optional), Parameter("group", .string, .optional),
            ],
            returns: [.string, .null],
            """
            A number with this many decimals, 20 at most; a half is rounded away from zero, exactly, as the digits stand. \
            `point` replaces the decimal point, and `group` is put between thousands.
            """,
            examples: [
                .init("format_number(`1.005`, `2`)", "\"1.01\""),
                .init("format_number('1234567.5', `2`, ',', '.')", "\"1.234.567,50\""),
            ]
        ) { (arguments, _) throws(JMESPathError) in
            guard let text = arguments.text(0) else { return .null }
            guard let number = DecimalText(text) else {
                throw arguments.fault(0, "\(arguments[0].excerpt) is not a number")
            }
            guard let decimals = try arguments.integer(1, in: 0...20) else { return .null }
            let point = arguments.count > 2 ? arguments.string(2) : "."
            return .string(number.text(decimals: decimals, point: point, group: arguments.string(3)))
        },
        Function(
            "html_to_text",
            [Parameter("html", [.string, .null])],
            returns: [.string, .null],
            """
            The text of a piece of HTML: without tags, entities decoded, white space as one space, and a line for each \
            block.
            """,
            examples: [
                .init("html_to_text('<p>Caps &amp; <b>mugs</b></p><p>5&nbsp;&euro;</p>')", "\"Caps & mugs\\n5 €\"")
            ]
        ) { (arguments, _) throws(JMESPathError) in
            arguments.text(0).map { .string(HTMLText.text(of: $0)) } ?? .null
        },
    ]
}
