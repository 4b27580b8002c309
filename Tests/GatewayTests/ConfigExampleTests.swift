import Rules
import Testing

@testable import Gateway

@Suite struct `Examples in a config` {
    private static let config = """
        sprinklr: { dryRun: true }
        sources:
          form: { path: /form, accept: [form] }
          shop: { path: /hooks/shop, preset: shopify, secret: s }
        rules:
          - name: order
            source: [form, shop]
            when: topic == 'orders/create' || source == 'form'
            trigger:
              journey: 64ad5aaeda4f3f1b3fea3edb
              snType: SMS
              snId: "{{ body.phone }}"
              contextParams:
                from: "{{ source }} {{ query.lang }} {{ headers.\\"x-shop\\" }}"
            examples:

        """

    private static let files = [
        "order.http": "POST /hooks/shop?lang=fr HTTP/1.1\r\nHost: h\r\nX-Shopify-Topic: orders/create\r\nX-Shop: a\r\n"
            + "Content-Type: application/json\r\n\r\n{\"phone\": 15145550199}",
        "form.urlencoded": "phone=%2B15145550199&name=Ana",
        "broken.http": "POST HTTP/1.1\r\n\r\n{}",
        "broken.json": "{\n  \"a\": nope}",
    ]

    private func load(_ examples: String, _ run: ExampleRun = .mustPass) throws(ConfigProblems) -> GatewayConfig {
        let files = Self.files.merging(["g.yaml": Self.config + examples]) { $1 }
        return try GatewayConfig.load("g.yaml", environment: .fixed(files: files), examples: run)
    }

    @Test func `may be whole requests, with their headers, topic and source`() throws {
        let config = try load(
            """
                  - given: order.http
                    expect: { snId: "15145550199", contextParams: { from: "shop fr a" } }
                  - given: order.http
                    headers: { X-Shop: b }
                    query: { lang: de }
                    expect: { snId: "15145550199", contextParams: { from: "shop de b" } }
                  - given: order.http
                    topic: orders/paid
                    expect: none
            """
        )
        #expect(config.rules.definitions[0].examples.map(\.name) == ["order.http", "order.http", "order.http"])
    }

    @Test func `may be bodies of any type that their source takes`() throws {
        _ = try load(
            """
                  - given: form.urlencoded
                    headers: { content-type: application/x-www-form-urlencoded }
                    expect: { snId: "+15145550199", contextParams: { from: "form  " } }
            """
        )
    }

    @Test(
        arguments: [
            ("broken.http", "16:18: rules[0].examples[0].given: broken.http: 'POST HTTP/1.1' is no request line"),
            ("form.urlencoded", "form.urlencoded:1:1: not JSON: found 'p', expected a value"),
            ("broken.json", "broken.json:2:9: not JSON: found 'o', expected 'null'"),
        ]
    )
    func `that cannot be read say why`(file: String, message: String) {
        let error = #expect(throws: ConfigProblems.self) { try load("      - { given: \(file), expect: none }") }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func `that fail are mistakes, or warnings for who asks for it`() throws {
        let failing = "      - { given: order.http, expect: none }"
        let message = "rules[0].examples[0].expect: order.http: outcome: expected no delivery, found 1 delivery"
        let error = #expect(throws: ConfigProblems.self) { try load(failing) }
        #expect(error?.description.contains("g.yaml:16:38: " + message) == true, "\(error?.description ?? "")")
        let warnings = try load(failing, .mayFail).warnings.map(\.description)
        #expect(warnings.contains("g.yaml:16:38: warning: " + message), "\(warnings)")
        #expect(try !load(failing, .skipped).warnings.contains { $0.message.contains("expected no delivery") })
    }
}
