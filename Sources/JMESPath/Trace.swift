public import JSON

/// What the sub-expressions of an expression yielded, in the order in which they were done: operands before what is made
/// of them.
public struct Trace: Sendable {
    public struct Entry: Sendable {
        /// `SyntaxNode.id`.
        public let node: Int
        /// What the sub-expression was evaluated on.
        public let current: JSONValue
        public let value: JSONValue
    }

    /// The sub-expression that ended the evaluation by failing: the innermost of those it lies in.
    public struct Failure: Sendable {
        /// `SyntaxNode.id`.
        public let node: Int
        /// What the sub-expression was evaluated on.
        public let current: JSONValue
        public let error: JMESPathError
    }

    public private(set) var entries: [Entry] = []
    /// Entries beyond the limit, which were not kept.
    public private(set) var omitted = 0
    public private(set) var failure: Failure?
    private let limit: Int

    public init(limit: Int = 10_000) {
        self.limit = limit
    }

    /// All that a sub-expression yielded: once for each element when it lies in a projection.
    public func values(of node: SyntaxNode) -> [JSONValue] { entries.filter { $0.node == node.id }.map(\.value) }

    mutating func record(_ node: NodeID, _ current: JSONValue, _ value: JSONValue) {
        if entries.count < limit {
            entries.append(Entry(node: Int(node), current: current, value: value))
        } else {
            omitted += 1
        }
    }

    mutating func record(_ node: NodeID, _ current: JSONValue, _ error: JMESPathError) {
        if failure == nil { failure = Failure(node: Int(node), current: current, error: error) }
    }
}
