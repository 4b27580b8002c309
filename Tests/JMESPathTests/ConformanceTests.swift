import JMESPath
import JSON
import Testing

@Suite struct `The suites of JMESPath` {
    /// The cases of the older of two rules that contradict each other, by the beginning of their ids.
    private static let notFollowed = [
        (
            "community/legacy__legacy-literal#", except: ["community/legacy__legacy-literal#1.2"],
            "JEP-12a: what stands in backticks must be JSON; the older rule made text of it"
        ),
        (
            "core/literal#2.12", except: [],
            "JEP-12a: two backslashes in a raw string are one; the older rule kept both"
        ),
    ]

    @Test(.enabled(if: Conformance.folder != nil), arguments: [("core", 600), ("community", 200)])
    func `are answered as they say`(suite: String, least: Int) throws {
        let cases = try Conformance.cases(of: suite)
        #expect(cases.count >= least)
        for test in cases {
            let isOlder = Self.notFollowed.contains { test.id.hasPrefix($0.0) && !$0.except.contains(test.id) }
            if !isOlder { check(test) }
        }
    }

    private func check(_ test: Conformance.Case) {
        let result = Result { () throws(JMESPathError) in try Expression(test.expression).evaluate(test.given) }
        switch (test.expectation, result) {
        case (.value(let expected), .success(let value)):
            #expect(value == expected, "\(test.id): \(test.expression)")
        case (.error(let kind), .failure(let error)):
            #expect(error.kind.rawValue == kind, "\(test.id): \(test.expression)")
        case (.success, .success): break
        case (_, .success(let value)):
            Issue.record("\(test.id): \(test.expression) yields \(value), no error")
        case (_, .failure(let error)):
            Issue.record("\(test.id): \(test.expression) fails: \(error)")
        }
    }
}
