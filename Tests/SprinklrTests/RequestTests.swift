import JSON
import Model
import Testing

@testable import Sprinklr

@Suite struct `The API's calls` {
    private let order = Trigger(
        snType: "WHATSAPP_BUSINESS",
        snID: "971501800350",
        journeyID: "62f37039a638d31f03122c9e",
        contextParams: [ContextParam("orderTotal", "49.90"), ContextParam("country", "UK")]
    )

    private var orderOfNewcomer: Trigger {
        var trigger = order
        trigger.newProfile = NewProfile(mode: .ifMissing, unifiedProfile: profile)
        return trigger
    }

    private let profile: JSONValue = [
        "contact": ["firstName": "Ana", "email": "ana@example.com"],
        "profiles": [["channelType": "EMAIL", "channelId": "ana@example.com", "name": "Ana Lima"]],
        "createdTime": 1_599_816_142_000,
    ]

    private func settings(_ api: SprinklrSettings.API = .v1, _ url: String = "https://api2.sprinklr.com") throws
        -> SprinklrSettings
    {
        SprinklrSettings(baseURL: try BaseURL(url), api: api, key: "the-key", credentials: .token("t"))
    }

    @Test func `trigger for a known person is as documented`() throws {
        let call = try settings().triggerCall(.trigger, order, token: "the-token")
        #expect(call.method == "POST")
        #expect(call.url == "https://api2.sprinklr.com/api/marketing-journey/trigger")
        #expect(
            call.fields == [
                Field("Authorization", "Bearer the-token"), Field("Key", "the-key"),
                Field("Content-Type", "application/json"), Field("Accept", "application/json"),
            ]
        )
        #expect(
            String(decoding: call.body, as: UTF8.self)
                == #"{"snType":"WHATSAPP_BUSINESS","snId":"971501800350","journeyId":"62f37039a638d31f03122c9e","#
                + #""contextParams":{"orderTotal":"49.90","country":"UK"}}"#
        )
        #expect(call.timeout == .seconds(15))
    }

    @Test func `trigger with a new profile is as documented`() throws {
        let call = try settings().triggerCall(.newProfile, orderOfNewcomer, token: "the-token")
        #expect(call.url == "https://api2.sprinklr.com/api/marketing-journey/triggerWithNewProfile")
        #expect(
            String(decoding: call.body, as: UTF8.self)
                == #"{"journeyId":"62f37039a638d31f03122c9e","contextParams":{"orderTotal":"49.90","country":"UK"},"#
                + #""unifiedProfile":{"contact":{"firstName":"Ana","email":"ana@example.com"},"#
                + #""profiles":[{"channelType":"EMAIL","channelId":"ana@example.com","name":"Ana Lima"}],"#
                + #""createdTime":1599816142000}}"#
        )
    }

    @Test func `a call without parameters leaves them out`() throws {
        var trigger = orderOfNewcomer
        trigger.contextParams = []
        for kind in [CallKind.trigger, .newProfile] {
            let body = try JSONValue.parse(settings().triggerCall(kind, trigger, token: "t").body)
            #expect(body["contextParams"] == nil)
            #expect(body["journeyId"] != nil)
        }
    }

    @Test func `the environment's segment comes before the path`() throws {
        let call = try settings(.v2, "https://api3.sprinklr.com/prod2").triggerCall(.trigger, order, token: "t")
        #expect(call.url == "https://api3.sprinklr.com/prod2/api/v2/marketing-journey/triggerJourney")
    }

    @Test func `v2 sends a profile made of snType and snId where the rule has none`() throws {
        for kind in [CallKind.trigger, .newProfile] {
            let call = try settings(.v2).triggerCall(kind, order, token: "t")
            #expect(call.url == "https://api2.sprinklr.com/api/v2/marketing-journey/triggerJourney")
            #expect(
                String(decoding: call.body, as: UTF8.self)
                    == #"{"journeyId":"62f37039a638d31f03122c9e","contextParams":{"orderTotal":"49.90","country":"UK"},"#
                    + #""unifiedProfile":{"profiles":[{"channelType":"WHATSAPP_BUSINESS","channelId":"971501800350"}]}}"#
            )
        }
        let body = try JSONValue.parse(settings(.v2).triggerCall(.trigger, orderOfNewcomer, token: "t").body)
        #expect(body["unifiedProfile"] == profile)
    }

    @Test func `bulk carries several people to one journey`() throws {
        var other = order
        other.snID = "919591170985"
        other.contextParams = []
        let call = try settings(.v2).bulkCall([orderOfNewcomer, other], token: "t")
        #expect(call.url == "https://api2.sprinklr.com/api/v2/marketing-journey/bulk-trigger")
        #expect(
            try JSONValue.parse(call.body) == [
                "journeyId": "62f37039a638d31f03122c9e",
                "journeyProfiles": [
                    ["unifiedProfile": profile, "contextParams": ["orderTotal": "49.90", "country": "UK"]],
                    [
                        "unifiedProfile": [
                            "profiles": [["channelType": "WHATSAPP_BUSINESS", "channelId": "919591170985"]]
                        ]
                    ],
                ],
            ]
        )
    }

    @Test func `search asks for a page`() throws {
        let call = try settings(.v2).searchCall(page: 2, size: 50, token: "t")
        #expect(call.url == "https://api2.sprinklr.com/api/v2/marketing-journey/search")
        #expect(String(decoding: call.body, as: UTF8.self) == #"{"page":{"size":50,"page":2}}"#)
    }

    @Test func `paths, spellings and fields can be changed`() throws {
        var settings = try settings()
        settings.paths.trigger = "/prod/api/v2/marketing-journey/trigger"
        settings.spelling.snID = "snID"
        settings.spelling.journeyID = "journeyID"
        settings.authorizationPrefix = ""
        settings.extraFields = [Field("workspace_id", "7")]
        settings.timeout = .seconds(3)
        let call = settings.triggerCall(.trigger, order, token: "the-token")
        #expect(call.url == "https://api2.sprinklr.com/prod/api/v2/marketing-journey/trigger")
        #expect(call.fields.first == Field("Authorization", "the-token"))
        #expect(call.fields.last == Field("workspace_id", "7"))
        #expect(call.timeout == .seconds(3))
        let members = try #require(JSONValue.parse(call.body).members)
        #expect(members.map(\.key) == ["snType", "snID", "journeyID", "contextParams"])
        // The call with a profile has one spelling only.
        let other = try JSONValue.parse(settings.triggerCall(.newProfile, orderOfNewcomer, token: "t").body)
        #expect(other["journeyId"] != nil)
    }

    @Test func `IGNORE_DEDUP is a boolean`() throws {
        var trigger = order
        trigger.contextParams = [
            ContextParam("IGNORE_DEDUP", "true"), ContextParam("other", "true"), ContextParam("IGNORE_DEDUP_", "true"),
        ]
        let body = try JSONValue.parse(settings().triggerCall(.trigger, trigger, token: "t").body)
        #expect(body["contextParams"] == ["IGNORE_DEDUP": true, "other": "true", "IGNORE_DEDUP_": "true"])
        trigger.contextParams = [ContextParam("IGNORE_DEDUP", "yes")]
        let text = try JSONValue.parse(settings().triggerCall(.trigger, trigger, token: "t").body)
        #expect(text["contextParams"] == ["IGNORE_DEDUP": "yes"])
    }
}

@Suite struct `OAuth` {
    private let client = OAuthClient(clientSecret: "s&cret", redirectURI: "https://gateway.example.com/callback")
    private let settings: SprinklrSettings

    init() throws {
        settings = SprinklrSettings(
            baseURL: try BaseURL("https://api2.sprinklr.com/prod2"),
            key: "the-key",
            credentials: .oauth(client)
        )
    }

    @Test(arguments: [
        (
            OAuthGrant.refreshToken("a+b/c="),
            "client_id=the-key&client_secret=s%26cret&redirect_uri=https%3A%2F%2Fgateway.example.com%2Fcallback"
                + "&grant_type=refresh_token&refresh_token=a%2Bb%2Fc%3D"
        ),
        (
            .authorizationCode("1 2"),
            "client_id=the-key&client_secret=s%26cret&redirect_uri=https%3A%2F%2Fgateway.example.com%2Fcallback"
                + "&grant_type=authorization_code&code=1%202"
        ),
        (.clientCredentials, "client_id=the-key&client_secret=s%26cret&grant_type=client_credentials"),
    ])
    func `asks for tokens by a form`(grant: OAuthGrant, form: String) {
        let call = settings.tokenCall(grant, as: client)
        #expect(call.method == "POST")
        #expect(call.url == "https://api2.sprinklr.com/prod2/oauth/token")
        #expect(call.fields.first == Field("Content-Type", "application/x-www-form-urlencoded"))
        #expect(String(decoding: call.body, as: UTF8.self) == form)
    }

    @Test func `sends the browser to the authorization`() {
        #expect(
            settings.authorizeURL(for: client, state: "x y")
                == "https://api2.sprinklr.com/prod2/oauth/authorize?client_id=the-key&response_type=code"
                + "&redirect_uri=https%3A%2F%2Fgateway.example.com%2Fcallback&state=x%20y"
        )
    }

    @Test(arguments: [
        (
            #"{"access_token":"a","refresh_token":"r","token_type":"Bearer","expires_in":2591999}"#,
            OAuthTokens(accessToken: "a", refreshToken: "r", lifetime: .seconds(2_591_999))
        ),
        (
            #"{"access_token":"a","refresh_token":"r","expires_in":"28799"}"#,
            OAuthTokens(accessToken: "a", refreshToken: "r", lifetime: .seconds(28_799))
        ),
        (#"{"access_token":"a"}"#, OAuthTokens(accessToken: "a", refreshToken: nil, lifetime: nil)),
        (
            #"{"access_token":"a","refresh_token":"","expires_in":-1}"#,
            OAuthTokens(accessToken: "a", refreshToken: nil, lifetime: nil)
        ),
    ])
    func `reads the tokens of an answer`(body: String, tokens: OAuthTokens) {
        #expect(OAuthTokens(body: Array(body.utf8)) == tokens)
    }

    @Test(arguments: ["", "{}", "[]", #"{"access_token":""}"#, #"{"access_token":1}"#, "<html>"])
    func `finds no tokens where there are none`(body: String) {
        #expect(OAuthTokens(body: Array(body.utf8)) == nil)
    }
}

@Suite struct `A base URL` {
    @Test(arguments: [
        ("https://api2.sprinklr.com", "https://api2.sprinklr.com"),
        ("https://api3.sprinklr.com/prod2/", "https://api3.sprinklr.com/prod2"),
        ("HTTPS://API2.Sprinklr.com/Prod", "https://api2.sprinklr.com/Prod"), ("https://x:8443//", "https://x:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://localhost/x", "http://localhost/x"),
        ("http://[::1]:80", "http://[::1]:80"), ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://sandbox.localhost:1", "http://sandbox.localhost:1"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ])
    func `is taken, and written one way`(text: String, written: String) throws {
        #expect(try BaseURL(text).description == written)
    }

    @Test(arguments: [
        ("https://api2.sprinklr.com/{env}", "braces"), ("http://api2.sprinklr.com", "clear"),
        ("http://127.0.0.1.evil.com", "clear"), ("http://localhost.evil.com", "clear"), ("http://128.0.0.1", "clear"),
        ("http://127.0.0.256", "clear"), ("api2.sprinklr.com", "https"), ("ftp://api2.sprinklr.com", "https"),
        ("https://", "host"), ("https:///prod", "host"), ("https://:80", "host"), ("https://x:", "host"),
        ("https://x:0", "host"), ("https://x:65536", "host"), ("https://x:+1", "host"), ("https://[::1", "host"),
        ("https://x?a=1", "query"), ("https://x/#a", "fragment"), ("https://u:p@x", "credentials"),
        ("https://x /a", "ASCII"), ("https://é.com", "ASCII"), ("https://x\r\n", "ASCII"), ("", "https"),
    ])
    func `is refused with the remedy`(text: String, word: String) {
        let error = #expect(throws: BaseURLError.self) { try BaseURL(text) }
        #expect(error?.description.contains(word) == true)
    }
}
