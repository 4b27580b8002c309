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
        let followed = cases.filter { test in
            !Self.notFollowed.contains { test.id.hasPrefix($0.0) && !$0.except.contains(test.id) }
        }
        let disagreements = followed.compactMap(disagreement)
        for sentence in disagreements { Issue.record("\(sentence)") }
        print(
            "conformance: jmespath/\(suite): \(followed.count - disagreements.count) of \(followed.count) cases;",
            "\(cases.count - followed.count) of an older rule are not followed"
        )
    }

    /// What is not as a case says.
    private func disagreement(_ test: Conformance.Case) -> String? {
        let result = Result { () throws(JMESPathError) in try Expression(test.expression).evaluate(test.given) }
        return switch (test.expectation, result) {
        case (.value(let expected), .success(let value)):
            value == expected ? nil : "\(test.id): \(test.expression) yields \(value)"
        case (.error(let kind), .failure(let error)):
            error.kind.rawValue == kind ? nil : "\(test.id): \(test.expression) fails: \(error)"
        case (.success, .success): nil
        case (_, .success(let value)): "\(test.id): \(test.expression) yields \(value), no error"
        case (_, .failure(let error)): "\(test.id): \(test.expression) fails: \(error)"
        }
    }
}
