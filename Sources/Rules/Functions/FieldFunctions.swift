public import JMESPath
import JSON

/// The functions that mappings need beyond JMESPath's own: all there is to know of each stands in one table, of which
/// the checks, `show functions` and the documentation are made.
///
/// Null, which is what an absent field yields, gives null in all of them but `default`, so that what a sender may leave
/// out needs no condition around it. What is there and makes no sense is an error, and so a mapping failure.
public enum FieldFunctions {
    /// JMESPath's functions and these.
    public static func table(tables: LookupTables, timeZones: TimeZones) -> FunctionTable {
        .standard.adding(all(tables: tables, timeZones: timeZones))
    }

    /// In the order in which they are documented.
    public static func all(tables: LookupTables, timeZones: TimeZones) -> [Function] {
        ofPeople + ofDates(timeZones) + ofTexts + ofPatterns(PatternCache()) + ofEncodings + [lookup(tables)]
    }
}

extension Arguments {
    /// An argument as text: a string, or a number's lexeme; nil when it is null or not given.
    func text(_ index: Int) -> String? { self[index].asText }

    /// What an argument's value, rather than its type, has wrong with it.
    func fault(_ index: Int, _ message: String, expected: String? = nil) -> JMESPathError {
        JMESPathError(.invalidValue, at: range(of: index), message, expected: expected)
    }
}

// MARK: - People

extension FieldFunctions {
    private static let phoneParameters = [
        Parameter("value", [.string, .number, .null]), Parameter("region", [.string, .null], .optional),
    ]

    static let ofPeople: [Function] = [
        Function(
            "phone",
            phoneParameters,
            returns: [.string, .null],
            """
            The phone number in E.164 form, with its plus. `region` is the two letters of the country whose national \
            numbers it may be; without it the number needs a plus. What is no valid number is an error; null and blank \
            text give null.
            """,
            examples: [
                .init("phone('(514) 555-0199', 'CA')", "\"+15145550199\""),
                .init("phone('+351 912 345 678')", "\"+351912345678\""),
                .init("phone(`null`, 'CA')", "null"),
            ]
        ) { (arguments, _) throws(JMESPathError) in
            try phoneNumber(arguments).map { .string($0.e164) } ?? .null
        },
        Function(
            "msisdn",
            phoneParameters,
            returns: [.string, .null],
            "What `phone` gives, as digits without the plus: the form of `snId` for WhatsApp and SMS.",
            examples: [
                .init("msisdn('(514) 555-0199', 'CA')", "\"15145550199\""),
                .init("msisdn('+351 912 345 678')", "\"351912345678\""),
            ]
        ) { (arguments, _) throws(JMESPathError) in
            try phoneNumber(arguments).map { .string($0.digits) } ?? .null
        },
        Function(
            "email",
            [Parameter("value", [.string, .null])],
            returns: [.string, .null],
            """
            The e-mail address without white space around it, in lower case. What has not the form of one is an error; \
            null and blank text give null.
            """,
            examples: [
                .init("email('  Ana.Lima@Example.COM ')", "\"ana.lima@example.com\""),
                .init("email('')", "null"),
            ]
        ) { (arguments, _) throws(JMESPathError) in
            guard let text = arguments.text(0), !text.isBlank else { return .null }
            guard let address = EmailAddress(text) else {
                throw arguments.fault(0, "'\(text.prefix(100))' is not an e-mail address")
            }
            return .string(address.text)
        },
    ]

    private static func phoneNumber(_ arguments: Arguments) throws(JMESPathError) -> PhoneNumber? {
        guard let text = arguments.text(0), !text.isBlank else { return nil }
        let region = arguments.text(1).flatMap { $0.isBlank ? nil : $0 }
        do {
            return try PhoneNumber(text, region: region)
        } catch {
            throw arguments.fault(0, error.message)
        }
    }
}

// MARK: - Tables

extension FieldFunctions {
    static func lookup(_ tables: LookupTables) -> Function {
        Function(
            "lookup",
            [Parameter("table", .string), Parameter("key", [.string, .number, .boolean, .null])],
            returns: .any,
            """
            What stands under `key` in a table of the config's `tables:`; null when nothing does. A table of that name \
            must exist.
            """,
            examples: [.init("lookup('timezones', `null`)", "null")]
        ) { (arguments, _) throws(JMESPathError) in
            guard let table = tables.tables[arguments.string(0)] else {
                throw arguments.fault(0, tables.unknown(arguments.string(0)))
            }
            return arguments.text(1).flatMap { table[$0] } ?? .null
        }
    }
}

extension LookupTables {
    /// `there is no table 'x'; did you mean 'y'?`
    func unknown(_ name: String) -> String {
        "there is no table '\(name)'\(nearestNameHint(to: name, among: tables.keys))"
    }
}

extension String {
    var isBlank: Bool {
        // Most texts tell by their first letter.
        if let first = utf8.first, first > 0x20, first < 0x7F { return false }
        return unicodeScalars.allSatisfy(\.properties.isWhitespace)
    }
}
