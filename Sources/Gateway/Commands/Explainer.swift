public import JSON
public import Model
public import Rules
import Webhooks

/// `explain`: one payload, or one event of the past, through the rules of a config.
public struct Explainer: Sendable {
    private let config: GatewayConfig

    /// Why there is nothing to explain.
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    public init(_ config: GatewayConfig) {
        self.config = config
    }

    /// What the rules make of a request, with the trace of each expression; one explanation an event.
    ///
    /// The signature is not asked for: the payload need not be genuine to be explained.
    /// - Parameters:
    ///   - source: The source's name; nil: the one that listens at the request's path.
    ///   - topic: In place of what the source reads as the topic: a payload file alone does not say it.
    public func explain(
        _ request: CapturedRequest,
        source name: String?,
        topic: String?,
        receivedAt: Timestamp
    ) throws -> [Explanation] {
        let source = try source(name, path: request.webhook(receivedAt: receivedAt).path)
        let webhook = request.webhook(path: source.settings.path, receivedAt: receivedAt)
        var ids = EventIDGenerator()
        var random = SystemRandomNumberGenerator()
        do throws(Refusal) {
            let events = try source.decode(webhook) { ids.next(at: receivedAt, using: &random) }
            return events.map { event in
                config.rules.explain(topic.map { event.withTopic($0) } ?? event)
            }
        } catch {
            throw Failed(description: "\(error.problem.title): \(error.problem.detail)")
        }
    }

    /// What today's rules make of an event of the past, as the admin API tells its story.
    public func explain(story: JSONValue) throws -> Explanation {
        config.rules.explain(try Event(story: story))
    }

    private func source(_ name: String?, path: String) throws(Failed) -> Source {
        let known = config.sources.map(\.settings.name)
        if let name {
            guard let source = config.sources.first(where: { $0.settings.name == name }) else {
                throw Failed(description: "no source is called '\(name)'; there are \(known.joined(separator: ", "))")
            }
            return source
        }
        if let source = config.sources.first(where: { $0.settings.path == path }) { return source }
        if config.sources.count == 1 { return config.sources[0] }
        throw Failed(description: "say --source: one of \(known.joined(separator: ", "))")
    }
}

extension Event {
    fileprivate func withTopic(_ topic: String) -> Event {
        Event(
            id: id,
            source: source,
            topic: topic,
            receivedAt: receivedAt,
            headers: headers,
            query: query,
            body: body,
            key: key
        )
    }

    /// The event of a story as the admin API tells it.
    init(story: JSONValue) throws(Explainer.Failed) {
        guard let id = story["id"]?.stringValue.flatMap({ EventID($0) }),
            let source = story["source"]?.stringValue,
            let receivedAt = story["receivedAt"]?.stringValue.flatMap({ Timestamp(rfc3339: $0) })
        else { throw Explainer.Failed(description: "this is no event's story") }
        self.init(
            id: id,
            source: source,
            topic: story["topic"]?.stringValue,
            receivedAt: receivedAt,
            headers: story["headers"] ?? .object([]),
            query: story["query"] ?? .object([]),
            body: story["body"] ?? .null,
            key: story["key"]?.stringValue
        )
    }
}
