import HTTPTypes
import Testing

@testable import HTTPServer

@Suite struct `A streamed response` {
    /// A server whose streams the test writes.
    private func streaming(limits: Limits = Limits()) throws -> (TestServer, StreamBox) {
        let box = StreamBox()
        let test = try TestServer(limits: limits) { request, responder in
            if request.path == "/stream" {
                box.put(responder.stream(200, fields: [.contentType: "text/event-stream"]))
            } else {
                TestServer.accept(request, responder)
            }
        }
        return (test, box)
    }

    private static let request = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `is sent chunk by chunk, and the connection serves on`() async throws {
        let (test, box) = try streaming()
        let client = try test.client()
        try client.send(Self.request + post("next"))
        #expect(try client.head().lowercased().contains("transfer-encoding: chunked"))
        let stream = try await box.stream(test)
        try await stream.write(Array("data: 1\n\n".utf8))
        #expect(try client.chunk() == Array("data: 1\n\n".utf8))
        try await stream.write([])
        #expect(stream.offer(Array("data: 2\n\n".utf8)))
        #expect(try client.chunk() == Array("data: 2\n\n".utf8))
        stream.finish()
        #expect(try client.chunk() == nil)
        #expect(try client.response().text == "next")
        #expect(stream.isClosed)
        await #expect(throws: StreamClosed.self) { try await stream.write([1]) }
    }

    @Test func `ends with the connection for an HTTP/1.0 client`() async throws {
        let (test, box) = try streaming()
        let client = try test.client()
        try client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let stream = try await box.stream(test)
        try await stream.write(Array("abc".utf8))
        stream.finish()
        let response = try client.response()
        #expect(response.has("connection: close"))
        #expect(response.value("transfer-encoding") == nil)
        #expect(response.text == "abc")
    }

    @Test func `has no body for HEAD`() async throws {
        let (test, box) = try streaming()
        let client = try test.client()
        try client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" + post("next"))
        #expect(try client.response(toHead: true).status == 200)
        #expect(try client.response().text == "next")
        let stream = try await box.stream(test)
        #expect(stream.isClosed)
    }

    @Test func `makes its writer wait for a slow client`() async throws {
        let (test, box) = try streaming()
        let client = try test.client(window: 65_536)
        try client.send(Self.request)
        let stream = try await box.stream(test)
        let piece = [UInt8](repeating: 0x61, count: 50_000)
        var offered = 0
        while stream.offer(piece) {
            offered += 1
            try await test.until { $0.writing == 1 || $0.handling == 1 }
        }
        #expect(offered > 0)
        async let written: Void = stream.write(piece)
        _ = try client.head()
        for _ in 0...offered { #expect(try client.chunk()?.count == 50_000) }
        try await written
        stream.finish()
        #expect(try client.chunk() == nil)
    }

    @Test func `lets its writer go when the client leaves`() async throws {
        let (test, box) = try streaming()
        var client: TestClient? = try test.client(window: 65_536)
        try client?.send(Self.request)
        let stream = try await box.stream(test)
        let piece = [UInt8](repeating: 0x61, count: 60_000)
        while stream.offer(piece) { try await test.until { $0.writing == 1 || $0.handling == 1 } }
        async let failure: StreamClosed? = {
            do throws(StreamClosed) { while true { try await stream.write(piece) } } catch { return error }
        }()
        client = nil
        #expect(await failure == StreamClosed())
        #expect(stream.isClosed)
        #expect(!stream.offer([1]))
    }

    @Test func `lets its writer go when the writer is cancelled`() async throws {
        let (test, box) = try streaming()
        let client = try test.client(window: 65_536)
        try client.send(Self.request)
        let stream = try await box.stream(test)
        while stream.offer([UInt8](repeating: 0x61, count: 60_000)) {
            try await test.until { $0.writing == 1 || $0.handling == 1 }
        }
        let writer = Task { try await stream.write([UInt8](repeating: 0x61, count: 10_000_000)) }
        writer.cancel()
        await #expect(throws: StreamClosed.self) { try await writer.value }
    }

    @Test func `is cut when it is dropped unfinished`() async throws {
        let (test, box) = try streaming()
        let client = try test.client()
        try client.send(Self.request)
        _ = try client.head()
        try await test.until { $0.handling == 1 }
        box.drop()
        #expect(try client.isEnded())
    }

    @Test func `learns that an idle client is gone`() async throws {
        let (test, box) = try streaming()
        var client: TestClient? = try test.client()
        try client?.send(Self.request)
        let stream = try await box.stream(test)
        client = nil
        try await test.until { $0.connections == 0 }
        #expect(stream.isClosed)
    }
}

/// Takes a stream from the handler to the test.
private final class StreamBox: Sendable {
    private let held = Lock<ResponseStream?>(nil)

    func put(_ stream: ResponseStream) { held.withLock { $0 = stream } }
    func drop() { held.withLock { $0 = nil } }

    func stream(_ test: TestServer) async throws -> ResponseStream {
        try await test.until { _ in held.withLock { $0 != nil } }
        defer { drop() }
        return try #require(held.withLock { $0 })
    }
}
