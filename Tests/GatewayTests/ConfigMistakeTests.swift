import Testing

@testable import Gateway

/// One mistake, made in a config that is right, and what is said of it.
struct Mistake: CustomTestStringConvertible {
    /// A part of `Mistake.sound`, and what stands in its place.
    var change: (from: String, to: String)
    /// All that is reported, from the line on.
    var reported: [String]

    init(_ from: String, _ to: String, _ reported: String...) {
        change = (from, to)
        self.reported = reported
    }

    var testDescription: String { change.to }

    static let sound = """
        listen: 127.0.0.1:8080
        drain: 8s
        limits: { body: 4MiB, header: 32KiB, headerTimeout: 10s, connections: 20000 }
        trustedProxies: [10.0.0.0/8]
        admin: { listen: "127.0.0.1:9090", token: "${ADMIN_TOKEN}", metrics: open }
        store: sqlite:events.db
        retention: { delivered: 30d }
        sprinklr:
          baseURL: https://api2.sprinklr.com
          key: ${KEY}
          token: ${TOKEN}
          quota: { perSecond: 10, perHour: 1000, reserve: 10% }
          retry: { maxAttempts: 12, firstDelay: 2s, maxDelay: 15m }
          unknownWhen: { status: [404] }
          timeout: 15s
        queues:
          transactional: { priority: high }
          campaigns: { weight: 1 }
        journeys:
          order-confirmation: 64ad5aaeda4f3f1b3fea3eda
        sources:
          shop:
            path: /hooks/shopify
            preset: shopify
            secret: "${file:/run/secrets/shop}"
          form:
            path: /forms/contact
            accept: [form, json]
            origins: [https://www.example.com]
            rateLimit: { perSecond: 5, burst: 20, by: address }
          loyalty:
            path: /hooks/loyalty
            secret: [one, two]
            signature: { header: X-Signature, scheme: hmac-sha256, signed: "{timestamp}.{body}", timestampHeader: X-Time, tolerance: 5m }
            topic: body.kind
            eventId: body.id
        tables:
          timezones: { file: zones.csv }
        rules:
          - name: order-confirmation
            source: shop
            when: topic == 'orders/create' && body.customer.phone
            trigger:
              journey: order-confirmation
              snType: WHATSAPP_BUSINESS
              snId: "{{ msisdn(body.customer.phone, 'CA') }}"
              contextParams:
                total: "{{ body.total_price }} {{ body.currency }}"
                zone: { value: "{{ lookup('timezones', 'CA') }}", required: true }
            queue: transactional
            expiresAfter: 6h
            examples:
              - given: order.json
                expect:
                  snId: "15145550199"
          - name: all-else
            source: [form, loyalty]
            when: |-
              body.email
                && body.consent == 'yes'
            trigger: { journey: order-confirmation, snType: EMAIL, snId: "{{ email(body.email) }}" }

        """

    static let files = [
        "/run/secrets/shop": "hush\n",
        "etc/zones.csv": "key,value\nCA,America/Toronto\n",
        "etc/order.json": """
        { "customer": { "phone": "(514) 555-0199" }, "total_price": "9.90", "currency": "CAD" }
        """,
    ]

    static func problems(in text: String, files: [String: String] = files, isDry: Bool = false) -> [String] {
        var files = files
        files["etc/gateway.yaml"] = text
        let variables = ["ADMIN_TOKEN": "a", "KEY": "k", "TOKEN": "t"]
        let environment = ConfigEnvironment.fixed(variables: variables, files: files)
        do throws(ConfigProblems) {
            return try GatewayConfig.load("etc/gateway.yaml", environment: environment, isDry: isDry).warnings
                .map(\.description)
        } catch {
            return error.all.map(\.description)
        }
    }

    /// With their mistakes in what stands at the top of the config.
    static let server = [
        Mistake(
            "listen: 127.0.0.1:8080",
            "listen: 127.0.0.1",
            "1:9: listen: found 127.0.0.1, expected an address such as 127.0.0.1:8080, [::1]:8080 or unix:/run/gateway.sock: the port is missing"
        ),
        Mistake("listen: 127.0.0.1:8080", "lisetn: 127.0.0.1:8080", "1:1: lisetn: unknown key; did you mean 'listen'?"),
        Mistake(
            "drain: 8s",
            "drain: 8",
            "2:8: drain: found 8, expected a duration from 1s to 1h, written 200ms, 2s, 15m, 6h or 3d"
        ),
        Mistake(
            "drain: 8s",
            "encryption: { key: hush }",
            "2:1: encryption: not available yet; keep the store's folder on an encrypted disk"
        ),
        Mistake(
            "body: 4MiB",
            "body: 4MB",
            "3:17: limits.body: found 4MB, expected a size from 1B to 1024GiB, written 512B, 64KiB or 4MiB"
        ),
        Mistake(
            "connections: 20000",
            "connections: many",
            "3:71: limits.connections: found many, expected a whole number from 1 to 10000000"
        ),
        Mistake("header: 32KiB", "header: 1KiB", "3:9: limits.field: one field of 16KiB is larger than the header"),
        Mistake(
            "[10.0.0.0/8]",
            "[10.0.0.1/8]",
            "4:18: trustedProxies[0]: found 10.0.0.1/8, expected an address, or a block of them such as 10.0.0.0/8 with no bit set behind the prefix"
        ),
        Mistake("${ADMIN_TOKEN}", "${ADMIN_TOKNE}", "5:44: admin.token: the environment has no variable ADMIN_TOKNE"),
        Mistake(
            "metrics: open",
            "metrics: opne",
            "5:70: admin.metrics: found opne, expected open or token; did you mean 'open'?"
        ),
        Mistake(
            "sqlite:events.db",
            "mysql://db",
            "6:8: store: found mysql://db, expected sqlite:///absolute/path, sqlite:relative/path or postgres://…"
        ),
        Mistake(
            "sqlite:events.db",
            "postgres://gateway@db/gateway",
            "6:8: store: PostgreSQL is not available yet; use sqlite:///absolute/path or sqlite:relative/path"
        ),
        Mistake("retention: { delivered: 30d }", "retention: 30d", "7:12: retention: found 30d, expected a mapping"),
        Mistake(
            "drain: 8s",
            "tls: { certificate: tls.crt, clients: {} }",
            "2:6: tls.key: missing",
            "2:21: tls.certificate: cannot read etc/tls.crt: No such file or directory",
            "2:39: tls.clients.authorities: missing"
        ),
        Mistake(
            "trustedProxies: [10.0.0.0/8]",
            "proxyProtocol: true",
            "4:16: proxyProtocol: nothing says whom it is taken from; add 'trustedProxies'"
        ),
        Mistake("drain: 8s", "drain: 8s\ndrain: 9s", "3:1: key 'drain' stands twice in this mapping, first at line 2"),
        Mistake(
            "limits: {",
            "limits: [",
            "3:77: not YAML: did not find expected ',' or ']' (while parsing a flow sequence, line 3)"
        ),
    ]

    static let destination = [
        Mistake(
            "https://api2.sprinklr.com",
            "https://api2.sprinklr.com/{env}",
            "9:12: sprinklr.baseURL: found 'https://api2.sprinklr.com/{env}', expected a URL such as https://api2.sprinklr.com: put the environment in place of the braces, or leave the segment out for Production"
        ),
        Mistake("  key: ${KEY}\n", "", "9:3: sprinklr.key: missing"),
        Mistake("  token: ${TOKEN}\n", "", "9:3: sprinklr.token: missing; a destination has 'token' or 'oauth'"),
        Mistake(
            "token: ${TOKEN}",
            "token: t\n  oauth: { clientSecret: x, refreshToken: y, redirectURI: z }",
            "12:10: sprinklr.oauth: a destination has 'token' or 'oauth', and not both"
        ),
        Mistake(
            "token: ${TOKEN}",
            "oauth: { refreshToken: y, redirectURI: z }",
            "11:10: sprinklr.oauth.clientSecret: missing"
        ),
        Mistake(
            "[404]",
            "[404], body: '(profile'",
            "14:39: sprinklr.unknownWhen.body: found '(profile', expected a regular expression: missing ): (profile"
        ),
        Mistake(
            "perHour: 1000",
            "perHuor: 1000",
            "12:27: sprinklr.quota.perHuor: unknown key; did you mean 'perHour'?"
        ),
        Mistake(
            "perSecond: 10",
            "perSecond: 0",
            "12:23: sprinklr.quota.perSecond: found 0, expected a whole number from 1 to 1000000"
        ),
        Mistake("reserve: 10%", "reserve: 140%", "12:51: sprinklr.quota.reserve: found 140%, expected 0% to 100%"),
        Mistake(
            "firstDelay: 2s",
            "firstDelay: 2h",
            "13:41: sprinklr.retry.firstDelay: 2h is longer than maxDelay, 15m"
        ),
        Mistake(
            "[404]",
            "[4040]",
            "14:27: sprinklr.unknownWhen.status[0]: found 4040, expected a whole number from 200 to 599"
        ),
        Mistake(
            "priority: high",
            "priority: urgent",
            "17:30: queues.transactional.priority: found urgent, expected high or normal"
        ),
        Mistake(
            "weight: 1",
            "weight: 0",
            "18:24: queues.campaigns.weight: found 0, expected a whole number from 1 to 1000"
        ),
        Mistake(
            "sprinklr:\n",
            "sprinkler:\n",
            "1:1: sprinklr: missing",
            "8:1: sprinkler: unknown key; did you mean 'sprinklr'?"
        ),
    ]

    static let sources = [
        Mistake(
            "path: /hooks/shopify",
            "path: hooks/shopify",
            "23:11: sources.shop.path: found hooks/shopify, expected a path that begins with / and holds neither blanks, ? nor #"
        ),
        Mistake("    path: /hooks/shopify\n", "", "23:5: sources.shop.path: missing"),
        Mistake(
            "path: /forms/contact",
            "path: /hooks/shopify",
            "27:11: sources.form.path: /hooks/shopify is the path of source 'shop' already"
        ),
        Mistake(
            "${file:/run/secrets/shop}",
            "${file:secrets/shop}",
            "25:14: sources.shop.secret: cannot read etc/secrets/shop: No such file or directory"
        ),
        Mistake(
            "accept: [form, json]",
            "accept: [from, json]",
            "28:14: sources.form.accept[0]: found from, expected json, form, multipart, text, cloudevents or any; did you mean 'form'?"
        ),
        Mistake(
            "[https://www.example.com]",
            "[https://www.example.com/a]",
            "29:15: sources.form.origins[0]: found https://www.example.com/a, expected an origin such as https://www.example.com, without a path"
        ),
        Mistake("perSecond: 5, ", "", "30:16: sources.form.rateLimit.perSecond: missing"),
        Mistake(
            "scheme: hmac-sha256",
            "scheme: hmac-sha265",
            "34:47: sources.loyalty.signature.scheme: found hmac-sha265, expected hmac-sha1, hmac-sha256, hmac-sha512, sha256, ed25519, ecdsa-sha256, rsa-sha256, token or basic; did you mean 'hmac-sha256'?"
        ),
        Mistake(
            "header: X-Signature, ",
            "",
            "34:16: sources.loyalty.signature.header: missing; a signature stands in 'header', 'query' or 'field'"
        ),
        Mistake(
            "{ header: X-Signature, ",
            "{ header: X-Signature, query: sig, ",
            "34:46: sources.loyalty.signature.query: there is 'header' already, and it stands in one place only"
        ),
        Mistake(
            "timestampHeader: X-Time, ",
            "",
            "34:101: sources.loyalty.signature.tolerance: nothing says where the time stands; add 'timestampHeader'"
        ),
    ]

    static let rules = [
        Mistake(
            "{ file: zones.csv }",
            "{ file: zone.csv }",
            "38:22: tables.timezones.file: cannot read etc/zone.csv: No such file or directory"
        ),
        Mistake("    source: shop\n", "", "40:5: rules[0].source: missing"),
        Mistake("      snType: WHATSAPP_BUSINESS\n", "", "44:7: rules[0].trigger.snType: missing"),
        Mistake(
            "expiresAfter: 6h",
            "expiresAfter: 6",
            "51:19: rules[0].expiresAfter: found 6, expected a duration from 1ms to 3650d, written 200ms, 2s, 15m, 6h or 3d"
        ),
        Mistake(
            "required: true",
            "requierd: true",
            "49:59: rules[0].trigger.contextParams.zone.requierd: unknown key; did you mean 'required'?"
        ),
        Mistake(
            "given: order.json",
            "given: orders.json",
            "53:16: rules[0].examples[0].given: cannot read etc/orders.json: No such file or directory"
        ),
        Mistake(
            "          snId: \"15145550199\"",
            "          snID: \"15145550199\"",
            "55:11: rules[0].examples[0].expect.snID: unknown key; did you mean 'snId'?"
        ),
        Mistake(
            "expiresAfter: 6h",
            "expiresAfter: 6h\n    delay: 1d",
            "51:19: rules[0].expiresAfter: 6h is over before delay, 1d, ends"
        ),
    ]
}

@Suite struct `A mistake in the config` {
    @Test func `is what the tests make in one that has none`() {
        #expect(Mistake.problems(in: Mistake.sound) == [])
    }

    @Test(arguments: Mistake.server + Mistake.destination + Mistake.sources + Mistake.rules)
    func `is reported with line, column and remedy, and nothing else is`(mistake: Mistake) {
        #expect(Mistake.sound.contains(mistake.change.from))
        let text = Mistake.sound.replacingFirst(mistake.change.from, with: mistake.change.to)
        #expect(Mistake.problems(in: text) == mistake.reported.map { "etc/gateway.yaml:" + $0 })
    }

    @Test func `in a file that the config names has its place there`() {
        var files = Mistake.files
        files["etc/order.json"] = "{ \"customer\":\n  {] }"
        files["etc/zones.csv"] = "CA,America/Toronto\nGB\nCA,America/Vancouver\n"
        #expect(
            Mistake.problems(in: Mistake.sound, files: files) == [
                "etc/zones.csv:2:1: found 1 columns, expected key and value",
                "etc/zones.csv:3:1: key 'CA' stands twice in this table",
                "etc/order.json:2:4: not JSON: found ']', expected a key in quotes, or '}'",
            ]
        )
    }

    @Test func `is no reason not to report the others`() {
        let mistakes = [Mistake.server[2], Mistake.destination[4], Mistake.sources[4], Mistake.rules[3]]
        let text = mistakes.reduce(Mistake.sound) { $0.replacingFirst($1.change.from, with: $1.change.to) }
        #expect(Mistake.problems(in: text) == mistakes.flatMap(\.reported).map { "etc/gateway.yaml:" + $0 })
    }
}

@Suite struct `A config` {
    @Test(arguments: [
        ("", "g.yaml:1:1: empty; 'sprinklr', 'sources' and 'rules' are needed ('journey-gateway init' writes them)"),
        (
            "# soon\n",
            "g.yaml:1:1: empty; 'sprinklr', 'sources' and 'rules' are needed ('journey-gateway init' writes them)"
        ),
        ("- a\n", "g.yaml:1:1: found a list, expected a mapping"),
    ])
    func `is a mapping that holds something`(text: String, expected: String) {
        let error = #expect(throws: ConfigProblems.self) {
            try GatewayConfig.load("g.yaml", environment: .fixed(files: ["g.yaml": text]))
        }
        #expect(error?.all.first?.description == expected)
    }

    @Test func `that is not there is said so`() {
        let error = #expect(throws: ConfigProblems.self) { try GatewayConfig.load("g.yaml", environment: .fixed()) }
        #expect(error?.description == "g.yaml:1:1: cannot read it: No such file or directory")
    }

    @Test func `needs no credentials to be run dry`() {
        let bare = Mistake.sound.replacingFirst("  key: ${KEY}\n  token: ${TOKEN}\n", with: "  key: ${NONE}\n")
        #expect(Mistake.problems(in: bare, isDry: true) == [])
        #expect(Mistake.problems(in: bare.replacingFirst("timeout: 15s", with: "dryRun: true")) == [])
        #expect(Mistake.problems(in: bare).count == 2)
    }
}

extension String {
    func replacingFirst(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return replacingCharacters(in: range, with: other)
    }

    private func replacingCharacters(in range: Range<Index>, with other: String) -> String {
        String(self[..<range.lowerBound]) + other + self[range.upperBound...]
    }
}
