/// Puts in what a config's text refers to: `${NAME}` is an environment variable, `${file:/run/secrets/x}` a file's
/// text without the newline at its end, `$${` a plain `${`. Anything else that begins with a dollar sign stays as it
/// is: `${{ body.price }}` is a dollar sign and a template.
struct Substitution {
    struct Failure: Error {
        /// Where the reference begins, in Unicode scalars.
        var offset: Int
        var message: String
    }

    let context: ConfigContext

    func callAsFunction(_ text: String) throws(Failure) -> String {
        guard text.contains("${") else { return text }
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest.removeFirst(3)
            } else if rest.hasPrefix("${"), !rest.hasPrefix("${{") {
                let offset = text.unicodeScalars.distance(from: text.startIndex, to: dollar)
                guard let end = rest.firstIndex(of: "}") else {
                    throw Failure(
                        offset: offset,
                        message: "'${' without its '}'; write '$${' for the characters themselves"
                    )
                }
                result += try value(of: rest[rest.index(dollar, offsetBy: 2)..<end], at: offset)
                rest = rest[rest.index(after: end)...]
            } else {
                result.append("$")
                rest.removeFirst()
            }
        }
        return result + rest
    }

    private func value(of reference: Substring, at offset: Int) throws(Failure) -> String {
        if reference.hasPrefix("file:") { return try contents(of: String(reference.dropFirst(5)), at: offset) }
        let isName = reference.first.map { $0.isLetter || $0 == "_" } ?? false
        guard isName, reference.unicodeScalars.allSatisfy(isNameCharacter) else {
            throw Failure(
                offset: offset,
                message: "found '${\(reference)}', expected ${NAME} of the environment or ${file:PATH}"
            )
        }
        guard let value = context.environment.variable(String(reference)) else {
            throw Failure(offset: offset, message: "the environment has no variable \(reference)")
        }
        return value
    }

    private func isNameCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_")
    }

    private func contents(of file: String, at offset: Int) throws(Failure) -> String {
        let path = context.path(of: file)
        let bytes: [UInt8]
        do {
            bytes = try context.environment.file(path)
        } catch {
            throw Failure(offset: offset, message: "cannot read \(path): \(error.reason)")
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(offset: offset, message: "\(path) is not UTF-8 text")
        }
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
