public import HTTPTypes

/// Answers one request: once, from any thread, at any time.
///
/// A copy answers the same request; the first answer counts, later ones are ignored. When the last copy goes without an
/// answer, the client gets a 500.
public struct Responder: Sendable {
    let answerSlot: AnswerSlot

    /// Answers the request. Returns at once; the response is written by the connection's loop.
    public func respond(_ response: Response) {
        answerSlot.answer(.response(response))
    }

    /// Begins a response whose body is written bit by bit, for example server-sent events.
    ///
    /// With HTTP/1.1 the body is chunked, for an HTTP/1.0 client it ends with the connection.
    /// - Returns: What the body is written to; dropped unfinished, the connection is cut, so that the client sees
    ///   that the body is not whole.
    public func stream(_ status: Int, fields: HTTPFields = HTTPFields()) -> ResponseStream {
        let stream = ResponseStream(answerSlot: answerSlot)
        answerSlot.answer(.stream(Response(status, fields: fields), stream.flow))
        return stream
    }
}
