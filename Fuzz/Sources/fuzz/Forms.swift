import JSON

@testable import Webhooks

/// Forms with files: whatever is taken becomes JSON.
enum Multipart {
    /// The first line of a seed names the boundary, so that inputs with another one are found too.
    static func check(_ bytes: [UInt8]) {
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let boundary = String(decoding: bytes[..<end], as: UTF8.self)
        let body = Array(bytes[min(end + 1, bytes.count)...])
        guard let form = try? FormFields(multipart: body, boundary: boundary, limit: 8) else { return }
        require(form.fields.count <= 8, "\(form.fields.count) parts are taken")
        checkValues(of: form)
    }

    @Sendable static func seeds() -> [[UInt8]] {
        let part = "--b\r\nContent-Disposition: form-data; name=\"a[b]\"\r\n\r\nvalue\r\n"
        let file = """
            --b\r\nContent-Disposition: form-data; name=f; filename="x\\"y.txt"; filename*=utf-8''%e2%82%ac\r
            Content-Type: text/plain\r\n\r\n\r\n--b-\r\n
            """
        return ["b\n\(part)--b--\r\n", "b\npreamble\r\n\(part)\(file)\(part)--b--epilogue", "b\n--b--"]
            .map { Array($0.utf8) }
            + Conformance.lines(in: "forms").compactMap { test in
                guard let body = Conformance.bytes(test["body"]), let type = test["content_type"]?.stringValue,
                    let boundary = MediaType(type)?.parameter("boundary")
                else { return nil }
                return Array("\(boundary)\n".utf8) + body
            }
    }
}

enum URLEncoded {
    static func check(_ bytes: [UInt8]) {
        guard let form = try? FormFields(urlEncoded: bytes, limit: 64) else { return }
        require(form.fields.count <= 64, "\(form.fields.count) fields are taken")
        checkValues(of: form)
    }

    @Sendable static func seeds() -> [[UInt8]] {
        ["a=1&b=2", "a[]=1&a[]=2&b[c][d]=3", "a=%C3%A9+b&%41=&=x&&c", "a[b=1&a]=2&a[b]c=3&[x]=4", "a=%FF%&b=%4"]
            .map { Array($0.utf8) } + Conformance.bytes(of: "body", in: "forms")
    }
}

private func checkValues(of form: FormFields) {
    for nesting in [false, true] {
        let value = form.object(nesting: nesting)
        guard let read = try? JSONValue.parse(value.serialized()) else { broken("no JSON: \(value)") }
        require(read == value, "\(read) is read from \(value)")
    }
    _ = form.runTogether
}
