import HTTPTypes

/// Turns responses into bytes (RFC 9112 section 6): what frames the message is decided here, and nowhere else.
struct ResponseWriter {
    /// What of the request decides how it is answered.
    struct Exchange {
        var version: HTTPVersion
        var isHead: Bool
        /// Whether the connection may serve another request behind this one.
        var isPersistent: Bool

        init(_ head: RequestHead) {
            version = head.version
            isHead = head.bytes.span.extracting(head.method.range).equals("HEAD")
            isPersistent = head.isPersistent
        }

        private init(version: HTTPVersion, isHead: Bool, isPersistent: Bool) {
            self.version = version
            self.isHead = isHead
            self.isPersistent = isPersistent
        }

        /// How something that was no request is answered.
        static func refusal(toHead isHead: Bool) -> Exchange {
            Exchange(version: .http11, isHead: isHead, isPersistent: false)
        }
    }

    /// How the body is framed, and whether one is sent.
    enum Body: Equatable {
        /// None by the status' own nature: no field speaks of one.
        case none
        /// So many bytes, announced by `Content-Length`; not sent to HEAD.
        case length(Int)
        case chunked
        /// The connection's end is the body's: what an HTTP/1.0 client understands of a stream.
        case untilClose
    }

    /// Appends the head of a response. A response that says `Connection: close` ends the connection.
    static func writeHead(
        _ response: Response,
        _ body: Body,
        to exchange: inout Exchange,
        date: DateLine,
        into output: inout [UInt8]
    ) {
        writeStatusLine(response.status, into: &output)
        output.append(contentsOf: date.bytes)
        for field in response.fields {
            if isFraming(field.name) {
                if field.name == .connection, field.value.lowercased() == "close" { exchange.isPersistent = false }
                continue
            }
            output.append(contentsOf: field.name.rawName.utf8)
            output.append(contentsOf: ": ".utf8)
            field.withUnsafeBytesOfValue { output.append(contentsOf: $0) }
            output.append(contentsOf: "\r\n".utf8)
        }
        switch body {
        case .length(let count):
            output.append(contentsOf: "Content-Length: ".utf8)
            output.appendDecimal(count)
            output.append(contentsOf: "\r\n".utf8)
        case .chunked:
            output.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8)
        case .none, .untilClose:
            break
        }
        if !exchange.isPersistent {
            output.append(contentsOf: "Connection: close\r\n".utf8)
        } else if exchange.version == .http10 {
            output.append(contentsOf: "Connection: keep-alive\r\n".utf8)
        }
        output.append(contentsOf: "\r\n".utf8)
    }

    /// RFC 9110 sections 8.6, 15.3.5 and 15.4.5: a 204 has no length, and neither it nor a 304 has a body.
    static func body(of response: Response) -> Body {
        response.status == 204 || response.status == 304 ? .none : .length(response.body.count)
    }

    /// A stream's body: nobody knows its length yet.
    static func streamBody(_ response: Response, to exchange: Exchange) -> Body {
        if response.status == 204 || response.status == 304 { return .none }
        return exchange.version == .http11 ? .chunked : .untilClose
    }

    /// Appends a chunk (RFC 9112 section 7.1). One of no bytes would end the body, so it is left out.
    static func writeChunk(_ data: [UInt8], into output: inout [UInt8]) {
        guard !data.isEmpty else { return }
        output.append(contentsOf: String(data.count, radix: 16).utf8)
        output.append(contentsOf: "\r\n".utf8)
        output.append(contentsOf: data)
        output.append(contentsOf: "\r\n".utf8)
    }

    static let lastChunk = Array("0\r\n\r\n".utf8)
    static let continueResponse = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Whether a field is the server's to write.
    private static func isFraming(_ name: HTTPField.Name) -> Bool {
        switch name.canonicalName.utf8.count {
        case 4: name == .date
        case 10: name == .connection || name.canonicalName == "keep-alive"
        case 14: name == .contentLength
        case 17: name == .transferEncoding
        default: false
        }
    }

    private static func writeStatusLine(_ status: Int, into output: inout [UInt8]) {
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        output.appendDecimal(status)
        output.append(.space)
        output.append(contentsOf: reason(status).utf8)
        output.append(contentsOf: "\r\n".utf8)
    }

    /// The reason phrase of a status (RFC 9110 section 15, RFC 6585); empty for one that is not registered.
    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 203: "Non-Authoritative Information"
        case 204: "No Content"
        case 205: "Reset Content"
        case 206: "Partial Content"
        case 300: "Multiple Choices"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 407: "Proxy Authentication Required"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendDecimal(_ number: Int) {
        if number >= 10 { appendDecimal(number / 10) }
        append(0x30 + UInt8(truncatingIfNeeded: number % 10))
    }
}
