import Testing

@testable import Gateway

/// Reads YAML text as the section at the top of a config.
private func read<Value>(
    _ text: String,
    variables: [String: String] = [:],
    files: [String: String] = [:],
    _ body: (ConfigSection, inout [ConfigProblem]) -> Value
) throws -> (value: Value, problems: [String]) {
    let node = try #require(try YAML.document(text, file: "gateway.yaml"))
    let environment = ConfigEnvironment.fixed(variables: variables, files: files)
    let context = ConfigContext(environment: environment, path: "gateway.yaml", text: text)
    var problems: [ConfigProblem] = []
    let section = ConfigSection(ConfigValue(node: node, path: "", context: context), &problems)
    let value = body(section, &problems)
    section.refuseUnknownKeys(&problems)
    return (value, problems.inOrder.map(\.description))
}

@Suite struct `A section of the config` {
    @Test func `answers what stands there, and the default where nothing does`() throws {
        let (value, problems) = try read("perSecond: 5\nreserve: 25%\nmode: hold\n") { section, problems in
            (
                section.integer("perSecond", default: 10, in: 1...100, &problems),
                section.integer("perHour", default: 1_000, in: 1...100_000, &problems),
                section.share("reserve", default: 0.1, &problems),
                section.duration("timeout", default: .seconds(15), &problems),
                section.text("name", &problems)
            )
        }
        #expect(value == (5, 1_000, 0.25, .seconds(15), nil))
        #expect(problems == ["gateway.yaml:3:1: mode: unknown key; known: perSecond, perHour, reserve, timeout, name"])
    }

    @Test func `reports every mistake, and answers the default for each`() throws {
        let text = """
            quota: { perSecond: 0, perHuor: 5, reserve: 140% }
            timeout: 15
            open: yes
            """
        let (value, problems) = try read(text) { section, problems in
            let quota = section.section("quota", &problems)
            return (
                quota.integer("perSecond", default: 10, in: 1...100, &problems),
                quota.integer("perHour", default: 1_000, in: 1...100_000, &problems),
                quota.share("reserve", default: 0.1, &problems),
                section.duration("timeout", default: .seconds(15), in: .seconds(1)...Duration.seconds(60), &problems),
                section.boolean("open", default: false, &problems)
            )
        }
        #expect(value == (10, 1_000, 0.1, .seconds(15), false))
        #expect(
            problems == [
                "gateway.yaml:1:21: quota.perSecond: found 0, expected a whole number from 1 to 100",
                "gateway.yaml:1:24: quota.perHuor: unknown key; did you mean 'perHour'?",
                "gateway.yaml:1:45: quota.reserve: found 140%, expected 0% to 100%",
                "gateway.yaml:2:10: timeout: found 15, expected a duration from 1s to 1m, written 200ms, 2s, 15m, 6h or 3d",
                "gateway.yaml:3:7: open: found yes, expected true or false",
            ]
        )
    }

    @Test func `tells apart what is left empty, what is a list, and what is missing`() throws {
        let (_, problems) = try read("a:\nb: [1]\nc: ''\n") { section, problems in
            _ = section.requiredText("a", &problems)
            _ = section.requiredText("b", &problems)
            _ = section.requiredText("c", &problems)
            _ = section.requiredText("d", &problems)
        }
        #expect(
            problems == [
                "gateway.yaml:1:1: d: missing",
                "gateway.yaml:1:3: a: found nothing, expected text that is not empty",
                "gateway.yaml:2:4: b: found a list, expected text that is not empty",
                "gateway.yaml:3:4: c: found '', expected text that is not empty",
            ]
        )
    }

    @Test func `takes one value where several are allowed`() throws {
        let (value, problems) = try read("one: a\nmany: [a, b]\nnone: []\n") { section, problems in
            ["one", "many", "none", "absent"].map { section.oneOrMore($0, of: .nonEmptyText, &problems) }
        }
        #expect(value == [["a"], ["a", "b"], [], []])
        #expect(problems == [])
    }

    @Test func `keeps the order of names`() throws {
        let (value, _) = try read("journeys: { welcome: x, cart: y, again: z }") { section, problems in
            section.named("journeys", of: .text, &problems).map(\.name)
        }
        #expect(value == ["welcome", "cart", "again"])
    }

    @Test func `follows aliases and merges mappings, its own keys first`() throws {
        let text = """
            base: &base { perSecond: 5, perHour: 50 }
            one: *base
            two: { <<: *base, perHour: 70 }
            """
        let (value, problems) = try read(text) { section, problems in
            ["base", "one", "two"].map { key in
                let quota = section.section(key, &problems)
                return quota.integer("perSecond", default: 0, in: 1...100, &problems) * 1_000
                    + quota.integer("perHour", default: 0, in: 1...100, &problems)
            }
        }
        #expect(value == [5_050, 5_050, 5_070])
        #expect(problems == [])
    }
}

@Suite struct `References in a config` {
    private func substituted(_ yaml: String) throws -> (value: String?, problems: [String]) {
        try read(
            "value: \(yaml)\n",
            variables: ["NAME": "n", "A_1": "a"],
            files: ["/run/secrets/x": "s3cret\n", "y": "y\r\n"]
        ) {
            section,
            problems in section.text("value", &problems)
        }
    }

    @Test(arguments: [
        ("${NAME}", "n"), ("x${NAME}y${A_1}", "xnya"), ("'${file:/run/secrets/x}'", "s3cret"),
        ("'${file:y}'", "y"), ("'$${NAME}'", "${NAME}"), ("costs $5", "costs $5"),
        ("'${{ body.price }}'", "${{ body.price }}"), ("'{{ $x }}'", "{{ $x }}"),
    ])
    func `are put in where they stand`(yaml: String, expected: String) throws {
        let (value, problems) = try substituted(yaml)
        #expect(value == expected)
        #expect(problems == [])
    }

    @Test(arguments: [
        ("${NONE}", "gateway.yaml:1:8: value: the environment has no variable NONE"),
        ("'ab${NAME}${NONE}'", "gateway.yaml:1:18: value: the environment has no variable NONE"),
        ("'${file:/none}'", "gateway.yaml:1:9: value: cannot read /none: No such file or directory"),
        (
            "'${NA-ME}'",
            "gateway.yaml:1:9: value: found '${NA-ME}', expected ${NAME} of the environment or ${file:PATH}"
        ),
        ("'${NAME'", "gateway.yaml:1:9: value: '${' without its '}'; write '$${' for the characters themselves"),
    ])
    func `that lead nowhere have a place`(yaml: String, expected: String) throws {
        let (value, problems) = try substituted(yaml)
        #expect(value == nil)
        #expect(problems == [expected])
    }

    @Test func `are not resolved twice`() throws {
        let (value, _) = try read("value: ${ONE}", variables: ["ONE": "${TWO}", "TWO": "2"]) { section, problems in
            section.text("value", &problems)
        }
        #expect(value == "${TWO}")
    }

    @Test func `stay as they are written in what is reported`() throws {
        let (_, problems) = try read("n: ${PASSWORD}", variables: ["PASSWORD": "hunter2"]) { section, problems in
            section.integer("n", in: 1...5, &problems)
        }
        #expect(problems == ["gateway.yaml:1:4: n: found '${PASSWORD}', expected a whole number from 1 to 5"])
    }
}

@Suite struct `A secret` {
    @Test func `shows itself to no printer`() {
        struct Holder {
            let token: Secret
        }
        let holder = Holder(token: Secret("hunter2"))
        var dumped = ""
        dump(holder, to: &dumped)
        let printed = ["\(holder)", "\(holder.token)", String(reflecting: holder), "\([holder.token])", dumped]
        #expect(printed.allSatisfy { !$0.contains("hunter2") })
        #expect(holder.token.reveal == "hunter2")
    }
}
