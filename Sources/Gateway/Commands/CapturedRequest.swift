public import Model

/// A webhook as somebody kept it in a file: a raw HTTP request, or its body alone.
public struct CapturedRequest: Sendable {
    public var method = "POST"
    public var target = "/"
    public var fields: [Field] = []
    public var body: [UInt8]

    /// Why a file is no captured request.
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    /// A body without head, and what is known of its head.
    public init(body: [UInt8], fields: [Field] = []) {
        self.body = body
        self.fields = fields
    }

    /// Reads a raw request: request line, header lines, an empty line, the body to the end of the file. Lines may end
    /// in LF alone, as editors save them; the body is taken byte for byte.
    public init(raw bytes: [UInt8]) throws(Failed) {
        guard let (lines, body) = Self.split(bytes), let first = lines.first else {
            throw Failed(description: "no empty line ends the header")
        }
        let parts = first.split(separator: " ")
        guard parts.count == 3, parts[2].hasPrefix("HTTP/") else {
            throw Failed(description: "'\(first)' is no request line such as: POST /hooks/shop HTTP/1.1")
        }
        method = String(parts[0])
        target = String(parts[1])
        self.body = body
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else {
                throw Failed(description: "'\(line)' is no header line such as: Content-Type: application/json")
            }
            let value = line[line.index(after: colon)...]
            fields.append(Field(String(line[..<colon]), String(value.trimming(while: \.isWhitespace))))
        }
        if fields.contains(where: { $0.isNamed("Transfer-Encoding") }) {
            throw Failed(description: "keep the body without its transfer coding, and leave Transfer-Encoding out")
        }
    }

    /// Whether a file looks like a raw request rather than a body: it begins with a method and a target.
    public static func isRaw(_ bytes: [UInt8]) -> Bool {
        let firstLine = bytes.prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: firstLine, as: UTF8.self).contains(" HTTP/1.")
    }

    /// The webhook that a source would have got.
    /// - Parameter url: The URL as the sender called it; nil: made of `Host` and the target.
    public func webhook(url: String? = nil, path: String? = nil, receivedAt: Timestamp) -> Webhook {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let host = fields.first { $0.isNamed("Host") }?.value ?? "localhost"
        return Webhook(
            method: method,
            url: url ?? "https://\(host)\(target)",
            path: path ?? String(parts[0]),
            query: parts.count == 2 ? String(parts[1]) : "",
            fields: fields,
            body: body,
            peer: "",
            receivedAt: receivedAt
        )
    }

    private static func split(_ bytes: [UInt8]) -> (lines: [String], body: [UInt8])? {
        var lines: [String] = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            var line = bytes[start..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            start = end + 1
            if line.isEmpty { return (lines, Array(bytes[start...])) }
            lines.append(String(decoding: line, as: UTF8.self))
        }
        return nil
    }
}

extension Substring {
    fileprivate func trimming(while predicate: (Character) -> Bool) -> Substring {
        let head = drop(while: predicate)
        return head[..<(head.lastIndex { !predicate($0) }.map { head.index(after: $0) } ?? head.startIndex)]
    }
}
