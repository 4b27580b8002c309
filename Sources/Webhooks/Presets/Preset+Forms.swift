extension Preset {
    static let forms: [Preset] = [typeform, jotform, gravityForms]

    private static let typeform = Preset(
        name: "typeform",
        summary: "Typeform: answers to a form. Topic is form_response, or form_response_partial.",
        setup: "secret: the webhook's own.",
        signatures: [
            SignatureScheme(.hmacSHA256, in: .header("Typeform-Signature"), prefix: "sha256=", encoding: .base64)
        ],
        topic: "body.event_type",
        eventID: "body.event_id",
        answers: [(nil, .empty)]
    )

    private static let jotform = Preset(
        name: "jotform",
        summary: "Jotform: one submission; rawRequest is read as the object it holds. Topic is the form's id.",
        setup: "Jotform signs nothing: secret is what the URL entered there carries as ?token=…",
        signatures: [.urlSecret()],
        accept: [.multipart, .form],
        topic: "body.formID",
        eventID: "body.submissionID",
        answers: [(nil, .empty)],
        jsonFields: ["rawRequest"]
    )

    private static let gravityForms = Preset(
        name: "gravity-forms",
        summary: "Gravity Forms' webhooks add-on: one entry, fields named by their ids. Topic is the form's id.",
        setup: """
            The add-on signs nothing: add a request header 'Authorization' with 'Bearer' and the secret, or put it into \
            the URL as ?token=…
            """,
        signatures: [.bearer, .urlSecret()],
        accept: [.json, .form],
        methods: ["POST", "PUT", "PATCH", "GET"],
        topic: "body.form_id",
        eventID: "body.id && join('/', [to_string(body.form_id), to_string(body.id)])"
    )
}
