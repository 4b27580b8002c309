import JSON

/// What stands under `/sandbox/`, beside the API: to look at the calls and to make them fail.
extension SandboxState {
    /// Nil for a path that is not the sandbox's own.
    mutating func control(_ request: SandboxRequest) -> SandboxAnswer? {
        guard request.path.hasPrefix("/sandbox/") else { return nil }
        switch (request.method, request.path) {
        case ("GET", "/sandbox/calls"): return recordedCalls(decodedForm(request.query))
        case ("DELETE", "/sandbox/calls"):
            forgetCalls()
            return .noContent
        case ("GET", "/sandbox/stats"): return .json(200, statistics.json)
        case ("POST", "/sandbox/faults"): return addFaults(request.body)
        case ("GET", "/sandbox/faults"):
            return .json(200, .object([("waiting", .integer(Int64(faults.faults.count)))]))
        case ("DELETE", "/sandbox/faults"):
            faults.removeAll()
            return .noContent
        case ("DELETE", "/sandbox/tokens"):
            revokeTokens()
            return .noContent
        case (_, "/sandbox/calls"), (_, "/sandbox/stats"), (_, "/sandbox/faults"), (_, "/sandbox/tokens"):
            return problem(405, "This method is not known here.")
        default: return problem(404, "There are /sandbox/calls, /sandbox/stats, /sandbox/faults and /sandbox/tokens.")
        }
    }

    /// JSON, a call a line, oldest first; `?after=NUMBER` and `?limit=COUNT` page on.
    private func recordedCalls(_ query: [String: String]) -> SandboxAnswer {
        let after = query["after"].map { Int($0) } ?? 0
        let limit = query["limit"].map { Int($0) } ?? 10_000
        guard let after, let limit, after >= 0, limit > 0 else { return problem(400, "after and limit are numbers.") }
        var lines: [UInt8] = []
        for call in log.calls(after: after, atMost: limit) {
            call.json.write(into: &lines)
            lines.append(UInt8(ascii: "\n"))
        }
        return SandboxAnswer(status: 200, body: lines).with("Content-Type", "application/x-ndjson")
    }

    /// One fault, or an array of them.
    private mutating func addFaults(_ body: [UInt8]) -> SandboxAnswer {
        guard let json = try? JSONValue.parse(body) else { return problem(400, "The body is not JSON.") }
        do throws(BodyFault) {
            var added: [SandboxFault] = []
            for fault in json.elements ?? [json] { added.append(try SandboxFault(fault)) }
            return faults.add(added) ? .noContent : problem(400, "At most \(FaultQueue.limit) faults can wait.")
        } catch {
            return problem(400, error.message)
        }
    }

    private func problem(_ status: Int, _ detail: String) -> SandboxAnswer {
        let members: [(String, JSONValue)] = [("status", .integer(Int64(status))), ("detail", .string(detail))]
        return SandboxAnswer(status: status, body: JSONValue.object(members).serialized())
            .with("Content-Type", "application/problem+json")
    }
}
