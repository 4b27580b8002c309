import Foundation
import JSON
import Testing

/// The commands as their user types them.
@Suite struct `The command line` {
    @Test func `makes a first config that checks, tests and explains`() throws {
        let folder = try TemporaryFolder()
        #expect(try Program.run(["init", "mine"], in: folder).status == 0)
        let mine = ["--config", "mine/gateway.yaml"]
        let checked = try Program.run(["check", "--dry-run"] + mine, in: folder)
        #expect(checked.status == 0, "\(checked)")
        let tested = try Program.run(["test", "--junit", "junit.xml"] + mine, in: folder)
        #expect(tested.status == 0 && tested.output.hasSuffix("1 passed, 0 failed\n"), "\(tested)")
        let junit = try String(contentsOf: folder.url.appendingPathComponent("junit.xml"), encoding: .utf8)
        #expect(junit.contains(#"<testcase classname="welcome" name="examples/signup.json"/>"#))
        let explained = try Program.run(["explain", "mine/examples/signup.json"] + mine, in: folder)
        #expect(explained.output.contains(#"email(body.email): "ana@example.com""#), "\(explained)")
        #expect(try Program.run(["init", "mine"], in: folder).status == 1, "nothing is overwritten")
    }

    @Test func `names every mistake of a config with line, column and remedy, and does not start with it`() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            """
            sprinklr: { key: k, token: t, quota: { perHuor: 10 } }
            sources:
              shop: { path: /shop, preset: shopfy }
            rules:
              - name: one
                source: shop
                trigger: { journey: 64ad5aaeda4f3f1b3fea3eda, snType: SMS, snId: "{{ msisdnn(body.phone) }}" }

            """,
            to: "gateway.yaml"
        )
        let expected = [
            "gateway.yaml:1:40: sprinklr.quota.perHuor: unknown key; did you mean 'perHour'?",
            "gateway.yaml:3:32: sources.shop.preset: found 'shopfy', expected one of shopify, ",
            "gateway.yaml:7:74: rules[0].trigger.snId: there is no function msisdnn(); did you mean msisdn()?",
        ]
        for command in ["check", "serve"] {
            let result = try Program.run([command], in: folder)
            #expect(result.status == 1)
            for line in expected { #expect(result.errors.contains(line), "\(line) is missing in:\n\(result.errors)") }
        }
    }

    @Test func `tells what is not as an example expects`() throws {
        let folder = try TemporaryFolder()
        let config =
            Plain.config("127.0.0.1:1") + """
                    examples:
                      - given: { person: p1, number: 7 }
                        expect: { snId: p2 }

                """
        try folder.write(config, to: "gateway.yaml")
        let tested = try Program.run(["test"], in: folder)
        #expect(tested.status == 1)
        #expect(tested.output.contains("snId"), "\(tested)")
        #expect(tested.output.contains("found    \"p1\"") || tested.output.contains("found    p1"), "\(tested)")
        let checked = try Program.run(["check"], in: folder)
        #expect(checked.status == 1 && checked.errors.contains("rules[0].examples[0].expect"), "\(checked)")
    }

    @Test func `says why a captured request is not genuine`() throws {
        let folder = try TemporaryFolder()
        // GitHub's published vector.
        let signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        try folder.write(
            "POST /hooks HTTP/1.1\r\nHost: a\r\nX-Hub-Signature-256: sha256=\(signature)\r\n\r\nHello, World!",
            to: "request"
        )
        func verify(_ secret: String) throws -> (status: Int32?, output: String, errors: String) {
            try Program.run(
                ["verify", "--preset", "github", "--secret", secret, "--request", "request"],
                in: folder
            )
        }
        let genuine = try verify("It's a Secret to Everybody")
        #expect(genuine.status == 0 && genuine.output.hasPrefix("genuine"), "\(genuine)")
        let other = try verify("another")
        #expect(other.status == 1 && other.output.hasPrefix("Signature mismatch"), "\(other)")
    }

    @Test func `evaluates expressions, and names the kind of each error`() throws {
        let folder = try TemporaryFolder()
        let lines = """
            {"expression": "a.b", "given": {"a": {"b": 19.90}}}
            {"expression": "a.[", "given": {}}
            {"expression": "msisdn(@)", "given": "+351 912 345 678"}

            """
        let input = try folder.write(lines, to: "lines")
        let result = try Program.run(
            ["-c", "\"$0\" eval --lines < \"$1\"", BuiltBinary.path, input.path],
            executable: "/bin/bash",
            in: folder
        )
        let answers = try result.output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
        #expect(answers.count == 3)
        #expect(String(decoding: answers[0].serialized(), as: UTF8.self) == #"{"result":19.90}"#)
        #expect(answers[1]["error"]?["kind"] == "syntax")
        #expect(answers[2]["result"] == "351912345678")
    }

    @Test func `reads the store by itself when no gateway runs`() throws {
        let product = try RunningProduct(config: Plain.config)
        _ = try HTTPConnection(product.address).post(Plain.path, Plain.event(person: "p1", number: 1))
        _ = try product.awaitAccepted(1)
        let running = try product.command("events")
        product.gateway.signal(SIGTERM)
        #expect(product.gateway.waitForExit() == 0)
        let alone = try product.command("events")
        #expect(alone.status == 0 && alone.output == running.output && !alone.output.isEmpty, "\(alone)")
        #expect(try product.command("show", "status").status == 1)
    }

    @Test func `reloads on SIGHUP: all of the new config, or none of it`() throws {
        let product = try RunningProduct(config: Plain.config)
        let good = Plain.config(product.sandboxAddress)
        try product.folder.write(good.replacingOccurrences(of: "snId: \"{{", with: "snId: \"{{ {{"), to: "gateway.yaml")
        product.gateway.signal(SIGHUP)
        _ = try product.eventually("the refusal") {
            product.logLines().contains { $0["message"]?.stringValue?.hasPrefix("config refused") == true } ? true : nil
        }
        try product.folder.write(
            good.replacingOccurrences(of: "snType: SMS", with: "snType: EMAIL"),
            to: "gateway.yaml"
        )
        product.gateway.signal(SIGHUP)
        _ = try product.eventually("the reload") {
            product.logLines().contains { $0["message"] == "config reloaded" } ? true : nil
        }
        _ = try HTTPConnection(product.address).post(Plain.path, Plain.event(person: "p1", number: 1))
        #expect(try product.awaitAccepted(1)[0]["body"]?["snType"] == "EMAIL")
    }
}
