import Model
import Sprinklr
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The API's client` {
    private let http: HTTPClient
    private let trigger = Trigger(snType: "SMS", snID: "1", journeyID: "j")

    init() throws {
        var settings = HTTPClientSettings()
        settings.proxy = .none
        http = try HTTPClient(settings)
    }

    private func client(_ url: String, api: SprinklrSettings.API = .v1) throws -> SprinklrClient {
        let settings = SprinklrSettings(
            baseURL: try BaseURL(url),
            api: api,
            key: "the-key",
            credentials: .token("the-token")
        )
        return SprinklrClient(settings, http: http) { Timestamp(milliseconds: 1_700_000_000_000) }
    }

    @Test func `asks who is unknown only of a trigger for known people`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        let v1 = try client(server.url)
        #expect(await v1.call(.trigger, trigger, token: "t").outcome == .unknownProfile)
        #expect(await v1.call(.newProfile, trigger, token: "t").outcome == .rejected)
        let v2 = try client(server.url, api: .v2)
        #expect(await v2.call(.trigger, trigger, token: "t").outcome == .rejected)
        #expect(await v2.call(.bulk, trigger, token: "t").outcome == .rejected)
        #expect(await v2.search(token: "t").call.outcome == .rejected)
    }

    @Test func `keeps no secret that an answer repeats`() async throws {
        let body = "the key the-key, the token the-token, and nothing else"
        let server = try ScriptedServer.answering(
            "HTTP/1.1 400 Bad\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        let result = try await client(server.url).call(.trigger, trigger, token: "the-token")
        #expect(result.detail == "the key ***, the token ***, and nothing else")
        let oauth = OAuthClient(clientSecret: "the-token", redirectURI: "https://gateway.example.com/")
        let refused = try await client(server.url).requestTokens(.refreshToken("nothing"), as: oauth)
        #expect(refused.call.detail == "the key ***, the token ***, and *** else")
    }

    @Test func `does not write a token that would end its line`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 204 No Content\r\n\r\n")
        let result = try await client(server.url).call(.trigger, trigger, token: "a\r\nX-Evil: 1")
        #expect(result.outcome == .misconfigured)
        #expect(server.connectionCount == 0)
    }

    @Test func `takes an answer without tokens for a refusal`() async throws {
        let server = try ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        let oauth = OAuthClient(clientSecret: "s", redirectURI: "https://gateway.example.com/")
        let result = try await client(server.url).requestTokens(.clientCredentials, as: oauth)
        #expect(result.tokens == nil)
        #expect(result.call == CallResult(outcome: .rejected, status: 200, detail: "the answer holds no access_token"))
    }

    @Test func `says what went wrong, and how much was written`() async throws {
        let server = try ScriptedServer { $0.readRequest() }
        let lost = try await client(server.url).call(.trigger, trigger, token: "t")
        #expect(lost.outcome == .ambiguous)
        #expect(lost.detail.hasSuffix("(the request was written)"))
        let unsent = try await client("http://127.0.0.1:\(try closedPort())").call(.trigger, trigger, token: "t")
        #expect(unsent.outcome == .unsent)
        #expect(unsent.detail.hasPrefix("connect: "))
        #expect(unsent.detail.hasSuffix("(nothing of the request was written)"))
    }

    @Test func `reads a page of journeys`() async throws {
        let body =
            #"{"data":{"data":[{"id":"a","name":"Welcome","status":"ACTIVE","createdAt":1},{"name":"no id"}],"#
            + #""count":2,"hasMore":true},"errors":[]}"#
        let server = try ScriptedServer.answering(
            "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        let result = try await client(server.url).search(token: "t")
        #expect(result.journeys.map(\.id) == ["a"])
        #expect(result.journeys.first?.name == "Welcome")
        #expect(result.hasMore)
    }
}
