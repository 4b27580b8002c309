import HTTPTypes
import Testing

@testable import HTTPServer

@Suite struct `The router` {
    private func router() -> Router<String> {
        var router = Router<String>()
        router.add(.get, "/healthz", "health")
        router.add(.get, "/api/events", "list")
        router.add(.get, "/api/events/{id}", "event")
        router.add(.delete, "/api/events/{id}", "delete")
        router.add(.get, "/api/events/latest", "latest")
        router.add(.post, "/api/{kind}/{id}/replay", "replay")
        return router
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/healthz", "health "),
        (.head, "/healthz", "health "),
        (.get, "/api/events", "list "),
        (.get, "/api/events/latest", "latest "),
        (.get, "/api/events/42", "event id=42"),
        (.get, "/api/events/a%2Fb%zz%4", "event id=a/b%zz%4"),
        (.delete, "/api/events/42", "delete id=42"),
        (.post, "/api/dead/7/replay", "replay id=7,kind=dead"),
        (.get, "/", "404"),
        (.get, "/healthz/", "404"),
        (.get, "/api/events/", "404"),
        (.get, "/api/events/42/x", "404"),
        (.post, "/healthz", "405 GET, HEAD"),
        (.post, "/api/events/42", "405 GET, DELETE, HEAD"),
        (.get, "/api/dead/7/replay", "405 POST"),
    ])
    func `finds what serves a path and a method`(method: HTTPRequest.Method, path: String, expected: String) {
        let found =
            switch router().match(method, path) {
            case .found(let target, let parameters):
                "\(target) " + parameters.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ",")
            case .notFound: "404"
            case .wrongMethod(let allow): "405 \(allow)"
            }
        #expect(found == expected)
    }
}
