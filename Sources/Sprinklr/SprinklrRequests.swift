import JSON
import Model

/// The documented calls: method, URL, header fields and body.
extension SprinklrSettings {
    func triggerCall(_ kind: CallKind, _ trigger: Trigger, token: String) -> HTTPCall {
        if kind == .trigger, api == .v1 {
            return post(paths.trigger, .object(existingProfileMembers(trigger)), token: token)
        }
        let path = kind == .trigger ? paths.trigger : paths.newProfile
        return post(path, .object(newProfileMembers(trigger)), token: token)
    }

    func bulkCall(_ triggers: [Trigger], token: String) -> HTTPCall {
        precondition(!triggers.isEmpty && triggers.allSatisfy { $0.journeyID == triggers[0].journeyID })
        let people = triggers.map { trigger in
            JSONValue.object([("unifiedProfile", trigger.unifiedProfile)] + contextParams(trigger))
        }
        let body: [(String, JSONValue)] = [
            ("journeyId", .string(triggers[0].journeyID)), ("journeyProfiles", .array(people)),
        ]
        return post(paths.bulk, .object(body), token: token)
    }

    func searchCall(page: Int, size: Int, token: String) -> HTTPCall {
        let page: [(String, JSONValue)] = [("size", .integer(Int64(size))), ("page", .integer(Int64(page)))]
        var call = post(paths.search, .object([("page", .object(page))]), token: token)
        call.bodyLimit = 4 * 1_024 * 1_024
        return call
    }

    func tokenCall(_ grant: OAuthGrant, as client: OAuthClient) -> HTTPCall {
        HTTPCall(
            "POST",
            baseURL.description + paths.token,
            fields: [
                Field("Content-Type", "application/x-www-form-urlencoded"), Field("Accept", "application/json"),
            ] + extraFields,
            body: client.form(for: grant, key: key),
            timeout: timeout
        )
    }

    /// Where a person's browser begins the authorization; it comes back to `redirectURI` with `code`.
    public func authorizeURL(for client: OAuthClient, state: String? = nil) -> String {
        var pairs = [("client_id", key), ("response_type", "code"), ("redirect_uri", client.redirectURI)]
        if let state { pairs.append(("state", state)) }
        return "\(baseURL)\(paths.authorize)?\(formURLEncoded(pairs))"
    }

    private func post(_ path: String, _ body: JSONValue, token: String) -> HTTPCall {
        let documented = [
            Field("Authorization", authorizationPrefix + token), Field("Key", key),
            Field("Content-Type", "application/json"), Field("Accept", "application/json"),
        ]
        return HTTPCall(
            "POST",
            baseURL.description + path,
            fields: documented + extraFields,
            body: body.serialized(),
            timeout: timeout
        )
    }

    // MARK: - Bodies

    private func existingProfileMembers(_ trigger: Trigger) -> [(String, JSONValue)] {
        [
            ("snType", .string(trigger.snType)), (spelling.snID, .string(trigger.snID)),
            (spelling.journeyID, .string(trigger.journeyID)),
        ] + contextParams(trigger)
    }

    private func newProfileMembers(_ trigger: Trigger) -> [(String, JSONValue)] {
        [("journeyId", .string(trigger.journeyID))] + contextParams(trigger)
            + [("unifiedProfile", trigger.unifiedProfile)]
    }

    /// The member `contextParams`, or none when there are no parameters.
    private func contextParams(_ trigger: Trigger) -> [(String, JSONValue)] {
        if trigger.contextParams.isEmpty { return [] }
        let members = trigger.contextParams.map { param -> (String, JSONValue) in
            if booleanParams.contains(param.name), let value = Bool(param.value) { return (param.name, .bool(value)) }
            return (param.name, .string(param.value))
        }
        return [("contextParams", .object(members))]
    }
}

extension Trigger {
    /// The rule's profile; without one, the least that names the person.
    fileprivate var unifiedProfile: JSONValue {
        if let newProfile { return newProfile.unifiedProfile }
        let profile: [(String, JSONValue)] = [("channelType", .string(snType)), ("channelId", .string(snID))]
        return .object([("profiles", .array([.object(profile)]))])
    }
}
