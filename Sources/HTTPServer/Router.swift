public import HTTPTypes

/// Finds what serves a request, by path and method.
///
/// A path is literal, `/healthz`, or has parameters, `/api/events/{id}`, each of which stands for one segment that is not
/// empty. A literal path goes before one with parameters; of those, the one added first is taken.
public struct Router<Target: Sendable>: Sendable {
    private var literals: [String: Route] = [:]
    private var patterns: [(segments: [Segment], route: Route)] = []

    private struct Route: Sendable {
        private var targets: [(method: HTTPRequest.Method, target: Target)] = []

        mutating func set(_ method: HTTPRequest.Method, _ target: Target) {
            targets.removeAll { $0.method == method }
            targets.append((method, target))
        }

        func match(_ method: HTTPRequest.Method, _ parameters: [String: String]) -> Match {
            let found = targets.first { $0.method == method } ?? targets.first { method == .head && $0.method == .get }
            if let found { return .found(found.target, parameters: parameters) }
            let methods = targets.map(\.method.rawValue)
            return .wrongMethod(allow: (methods + (methods.contains("GET") ? ["HEAD"] : [])).joined(separator: ", "))
        }
    }

    private enum Segment: Sendable, Equatable {
        case literal(Substring)
        case parameter(Substring)
    }

    /// What a request comes to.
    public enum Match: Sendable {
        /// - Parameter parameters: By name, with their percent-encoding removed.
        case found(Target, parameters: [String: String])
        case notFound
        /// The path is served, but not with this method.
        /// - Parameter allow: The methods it is served with, as the `Allow` field lists them.
        case wrongMethod(allow: String)
    }

    public init() {}

    /// Adds a route. What was added for the same path and method before is replaced.
    public mutating func add(_ method: HTTPRequest.Method, _ path: String, _ target: Target) {
        let segments = Self.segments(path)
        let isPattern = segments.contains { if case .parameter = $0 { true } else { false } }
        guard isPattern else { return literals[path, default: Route()].set(method, target) }
        if let index = patterns.firstIndex(where: { $0.segments == segments }) {
            patterns[index].route.set(method, target)
        } else {
            patterns.append((segments, Route()))
            patterns[patterns.count - 1].route.set(method, target)
        }
    }

    /// - Parameter path: A request's path, percent-encoded as it came. HEAD is served by what serves GET.
    public func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        if let route = literals[path] { return route.match(method, [:]) }
        guard !patterns.isEmpty else { return .notFound }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (pattern, route) in patterns {
            if let parameters = Self.parameters(of: segments, in: pattern) { return route.match(method, parameters) }
        }
        return .notFound
    }

    private static func segments(_ path: String) -> [Segment] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { segment in
            segment.hasPrefix("{") && segment.hasSuffix("}")
                ? .parameter(segment.dropFirst().dropLast()) : .literal(segment)
        }
    }

    /// The parameters of a path that fits a pattern; nil when it does not.
    private static func parameters(of segments: [Substring], in pattern: [Segment]) -> [String: String]? {
        guard segments.count == pattern.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, wanted) in zip(segments, pattern) {
            switch wanted {
            case .literal(let text):
                guard segment == text else { return nil }
            case .parameter(let name):
                guard !segment.isEmpty else { return nil }
                parameters[String(name)] = segment.removingPercentEncoding
            }
        }
        return parameters
    }
}

extension Substring {
    /// The text with `%41` read as `A`; a `%` that no two hexadecimal digits follow stays.
    fileprivate var removingPercentEncoding: String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first?.hexValue, let low = rest.dropFirst().first?.hexValue {
                bytes.append(UInt8(high << 4 | low))
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
