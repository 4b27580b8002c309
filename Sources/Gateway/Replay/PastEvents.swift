public import JSON
public import Model

/// The events of the past that a command is about, asked for through the admin API.
public struct PastEvents: Sendable {
    public var source: String?
    public var since: Timestamp
    /// Received before this; nil: up to now.
    public var until: Timestamp?

    public init(source: String?, since: Timestamp, until: Timestamp?) {
        self.source = source
        self.since = since
        self.until = until
    }

    /// Calls `body` with each event's story, the oldest first.
    public func forEachStory(_ client: AdminClient, _ body: (JSONValue) async throws -> Void) async throws {
        for id in try await ids(client).reversed() { try await body(try await client.get("/api/events/\(id)")) }
    }

    /// The newest first.
    private func ids(_ client: AdminClient) async throws -> [String] {
        var ids: [String] = []
        var start: [(String, String)] = []
        while true {
            let filter = [("since", since.description), ("limit", "1000")] + (source.map { [("source", $0)] } ?? [])
            let page = try await client.get("/api/events", filter + start)
            for event in page["events"]?.elements ?? [] where isBeforeEnd(event) { ids.append(event.text("id")) }
            guard let next = page["before"]?.number?.lexeme else { return ids }
            start = [("before", next)]
        }
    }

    private func isBeforeEnd(_ event: JSONValue) -> Bool {
        guard let until, let receivedAt = Timestamp(rfc3339: event.text("receivedAt")) else { return true }
        return receivedAt < until
    }
}
