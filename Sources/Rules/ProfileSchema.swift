/// The fields of the API's `unifiedProfile`, as its pages list them.
///
/// The lists are known to be incomplete, so that a field they lack is a warning, and sent as it is written.
indirect enum ProfileSchema: Sendable {
    /// A string; what a template yields is written as `contextParams` are.
    case text
    case boolean
    case integer
    /// A moment, sent as milliseconds since 1970. Read from RFC 3339 text, or from an integer: of milliseconds, or of
    /// seconds when it is below 100,000,000,000 (which as milliseconds would be before March 1973).
    case time
    /// Whatever it is, sent as it is.
    case any
    case object([Field])
    case list(of: ProfileSchema)

    struct Field: Sendable {
        let name: String
        let schema: ProfileSchema
        let isRequired: Bool

        init(_ name: String, _ schema: ProfileSchema, isRequired: Bool = false) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    func field(_ name: String) -> Field? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.name == name }
    }

    var fieldNames: [String] {
        guard case .object(let fields) = self else { return [] }
        return fields.map(\.name)
    }

    static let unifiedProfile = ProfileSchema.object([
        Field("id", .text),
        Field("contact", contact),
        Field("demographics", .object(["age", "location", "gender", "language"].map { Field($0, .text) })),
        Field("profiles", .list(of: profile)),
        Field("profileWorkflow", .any),
        Field("createdTime", .time),
        Field("modifiedTime", .time),
    ])

    private static let contact = ProfileSchema.object(
        ["firstName", "maidenName", "lastName", "fullName", "email", "phoneNo"].map { Field($0, .text) } + [
            Field(
                "address",
                .object(["street1", "street2", "city", "state", "country", "postalCode"].map { Field($0, .text) })
            ),
            // One page has a text, another a list.
            Field("website", .any),
        ]
    )

    private static let profile = ProfileSchema.object([
        Field("channelType", .text, isRequired: true),
        Field("channelId", .text, isRequired: true),
        Field("name", .text),
        Field("permalink", .text),
        Field("avatarUrl", .text),
        Field("bio", .text),
        Field("username", .text),
        Field("followers", .integer),
        Field("verified", .boolean),
        Field("unSubscribed", .boolean),
        Field("deleted", .boolean),
        Field("snCreatedTime", .time),
        Field("snModifiedTime", .time),
        Field("accountSpecificInfos", .any),
    ])
}
