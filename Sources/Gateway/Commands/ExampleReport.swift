public import Rules

/// `test`: what the rules' examples came to, for a terminal and for CI.
public struct ExampleReport: Sendable {
    public let results: [ExampleResult]
    let rules: RuleSet
    private let coverage: Coverage

    public init(_ rules: RuleSet) {
        self.rules = rules
        results = rules.runExamples()
        coverage = rules.coverage()
    }

    public var failureCount: Int { results.count { !$0.passed } }

    /// A line for each example, its differences below it, what no example exercises, and the count.
    /// - Parameter isColoured: With the terminal's colours for what was expected and what was found.
    public func text(isColoured: Bool) -> String {
        func paint(_ text: String, _ colour: Int) -> String { isColoured ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text }
        var lines: [String] = []
        for result in results {
            let name = "rule \(result.rule), \(Self.name(result))"
            lines.append((result.passed ? paint("✓ ", 32) : paint("✗ ", 31)) + name)
            for difference in result.differences {
                lines.append("    \(difference.place)")
                lines.append(paint("      - expected \(difference.expected ?? "nothing")", 32))
                lines.append(paint("      + found    \(difference.found ?? "nothing")", 31))
            }
        }
        let (rules, branches) = (coverage.rules, coverage.branches)
        lines.append("covered: \(rules.covered) of \(rules.all) rules, \(branches.covered) of \(branches.all) branches")
        lines += coverage.gaps.map { gap in
            paint("    rule \(gap.rule)\(gap.place.map { ", " + $0 } ?? ""): \(gap.message)", 33)
        }
        lines.append("\(results.count - failureCount) passed, \(failureCount) failed")
        return lines.joined(separator: "\n")
    }

    /// JUnit's XML, as CI systems read it.
    public var junit: String {
        var xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="journey-gateway" tests="\(results.count)" failures="\(failureCount)">

            """
        for result in results {
            let name = Self.escaped(Self.name(result))
            let open = "  <testcase classname=\"\(Self.escaped(result.rule))\" name=\"\(name)\""
            if result.passed {
                xml += open + "/>\n"
            } else {
                let text = result.differences.map(\.description).joined(separator: "\n")
                xml +=
                    open
                    + ">\n    <failure message=\"not as expected\">\(Self.escaped(text))</failure>\n  </testcase>\n"
            }
        }
        return xml + "</testsuite>\n"
    }

    static func name(_ result: ExampleResult) -> String {
        result.name.isEmpty ? "example \(result.index + 1)" : result.name
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n", "\t", "\r": escaped.unicodeScalars.append(scalar)
            // XML 1.0 has no other control characters, not even escaped.
            case _ where scalar.value < 0x20: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
