import JSON
import Testing

@testable import Webhooks

@Suite(.enabled(if: Conformance.isThere)) struct `The conformance suites of forms` {
    @Test(arguments: ["forms/urlencoded.jsonl", "forms/urlencoded-own.jsonl"])
    func `URL-encoded bodies decode as the WHATWG standard says`(path: String) throws {
        let cases = try Conformance.cases(path)
        #expect(cases.count >= 30)
        for test in cases {
            let form = try FormFields(urlEncoded: test.bytes("body"), limit: 10_000)
            let expected = (test["pairs"]?.elements ?? []).map {
                FormFields.Field(name: $0[0]?.stringValue ?? "", value: .text($0[1]?.stringValue ?? ""))
            }
            #expect(form.fields == expected, "\(test.text("id"))")
        }
    }

    @Test(arguments: ["forms/multipart.jsonl", "forms/multipart-own.jsonl"])
    func `multipart bodies give their parts, or are refused`(path: String) throws {
        let cases = try Conformance.cases(path)
        #expect(cases.count >= 30)
        for test in cases {
            let result = try? parts(of: test)
            switch test.text("expect") {
            case "parts": #expect(result == expectedParts(test["parts"]), "\(test.text("id"))")
            case "error": #expect(result == nil, "\(test.text("id")) is refused")
            default:
                let allowed = [test["parts"]] + (test["alternatives"]?.elements ?? [])
                #expect(result == nil || allowed.contains { expectedParts($0) == result }, "\(test.text("id"))")
            }
        }
    }

    private func parts(of test: JSONValue) throws -> [FormFields.Field] {
        let boundary = MediaType(test.text("content_type"))?.parameter("boundary")
        return try FormFields(multipart: test.bytes("body"), boundary: boundary, limit: 1_000).fields
    }

    private func expectedParts(_ parts: JSONValue?) -> [FormFields.Field] {
        (parts?.elements ?? []).map { part in
            guard let filename = part["filename"]?.stringValue else {
                let text = String(decoding: part.bytes("data"), as: UTF8.self)
                return FormFields.Field(name: part.text("name"), value: .text(text))
            }
            let file = FormFile(
                filename: filename,
                contentType: part["content_type"]?.stringValue,
                content: part.bytes("data")
            )
            return FormFields.Field(name: part.text("name"), value: .file(file))
        }
    }
}
