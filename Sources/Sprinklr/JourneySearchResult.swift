import JSON
public import Model

/// What came of a search for journeys.
public struct JourneySearchResult: Sendable, Equatable {
    public var call: CallResult
    /// Empty unless `call` was accepted.
    public var journeys: [Journey]
    public var hasMore: Bool

    public struct Journey: Sendable, Equatable {
        public var id: String
        public var name: String
        /// `ACTIVE`; the other values are not documented.
        public var status: String
    }

    init(answer: HTTPResult, call: CallResult) {
        self.call = call
        journeys = []
        hasMore = false
        guard case .accepted = call.outcome, case .answered(let answer) = answer,
            let page = (try? JSONValue.parse(answer.body))?["data"]
        else { return }
        hasMore = page["hasMore"]?.boolValue ?? false
        journeys = (page["data"]?.elements ?? []).compactMap { journey in
            guard let id = journey["id"]?.stringValue else { return nil }
            let name = journey["name"]?.stringValue ?? ""
            return Journey(id: id, name: name, status: journey["status"]?.stringValue ?? "")
        }
    }
}
