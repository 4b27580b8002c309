/// Takes a chunked body apart (RFC 9112 section 7.1): chunk sizes, extensions (checked, and ignored), data, trailers.
struct ChunkedDecoder: Sendable {
    private(set) var trailer = Trailer()
    private var state = State.size
    private var size = 0
    private var sizeDigits = 0
    /// What is left of the current chunk's data.
    private var remaining = 0
    private var extensionBytes = 0
    private var section = FieldSection(startingAt: 0)

    private enum State {
        case size
        /// White space behind a size or an extension's value: another extension must follow.
        case spaceBeforeExtension
        case extensionNameStart, extensionName
        /// White space behind an extension's name: its value or another extension must follow.
        case spaceBehindName
        case valueStart, tokenValue, quotedValue, escapedCharacter, behindQuotedValue
        case sizeLineFeed
        case data, dataCarriageReturn, dataLineFeed
        case trailer

        /// What may stand behind a size or an extension: the line's end, or another extension.
        static func behindValue(_ byte: UInt8) -> State? {
            switch byte {
            case .carriageReturn: .sizeLineFeed
            case .semicolon: .extensionNameStart
            case .space, .tab: .spaceBeforeExtension
            default: nil
            }
        }
    }

    /// Decodes what there is.
    /// - Parameters:
    ///   - bytes: What has arrived and was not consumed before.
    ///   - consumed: Is raised by what was taken from `bytes`. Trailers are taken when they are whole, not before.
    ///   - body: The data is appended to it.
    /// - Returns: Whether the body is complete.
    mutating func decode(
        _ bytes: Span<UInt8>,
        consumed: inout Int,
        into body: inout [UInt8],
        limits: Limits
    ) throws(Refusal) -> Bool {
        var index = 0
        while state != .trailer, index < bytes.count {
            if state == .data {
                let end = min(bytes.count, index + remaining)
                body.append(bytes.extracting(index..<end))
                remaining -= end - index
                index = end
                if remaining == 0 { state = .dataCarriageReturn }
            } else {
                try step(bytes[index], bodyCount: body.count, limits)
                index += 1
            }
        }
        consumed += index
        guard state == .trailer else { return false }
        let rest = bytes.extracting(index...)
        guard let end = try section.parse(rest, limits: limits) else { return false }
        if !section.lines.isEmpty {
            trailer = Trailer(bytes: Array(rest.extracting(..<end)), fields: section.lines)
        }
        consumed += end
        return true
    }

    /// One byte of what frames the data.
    private mutating func step(_ byte: UInt8, bodyCount: Int, _ limits: Limits) throws(Refusal) {
        let next: State?
        switch state {
        case .size:
            if let digit = byte.hexValue {
                try addSizeDigit(digit, room: limits.body - bodyCount)
                return
            }
            next = sizeDigits > 0 ? State.behindValue(byte) : nil
        case .spaceBeforeExtension:
            next = byte.isBlank ? .spaceBeforeExtension : byte == .semicolon ? .extensionNameStart : nil
        case .extensionNameStart:
            next = byte.isBlank ? .extensionNameStart : ByteSet.token.contains(byte) ? .extensionName : nil
        case .extensionName:
            next =
                ByteSet.token.contains(byte)
                ? .extensionName
                : byte.isBlank ? .spaceBehindName : byte == .equals ? .valueStart : State.behindValue(byte)
        case .spaceBehindName:
            next =
                byte.isBlank
                ? .spaceBehindName : byte == .equals ? .valueStart : byte == .semicolon ? .extensionNameStart : nil
        case .valueStart:
            next =
                byte.isBlank
                ? .valueStart : byte == .quote ? .quotedValue : ByteSet.token.contains(byte) ? .tokenValue : nil
        case .tokenValue:
            next = ByteSet.token.contains(byte) ? .tokenValue : State.behindValue(byte)
        case .quotedValue:
            next =
                byte == .quote
                ? .behindQuotedValue
                : byte == .backslash ? .escapedCharacter : ByteSet.fieldValue.contains(byte) ? .quotedValue : nil
        case .escapedCharacter:
            next = ByteSet.fieldValue.contains(byte) ? .quotedValue : nil
        case .behindQuotedValue:
            next = State.behindValue(byte)
        case .sizeLineFeed:
            next = byte == .lineFeed ? beginData() : nil
        case .dataCarriageReturn:
            next = byte == .carriageReturn ? .dataLineFeed : nil
        case .dataLineFeed:
            next = byte == .lineFeed ? .size : nil
        case .data, .trailer:
            preconditionFailure("data and trailers are not read byte by byte")
        }
        guard let next else { throw .malformedChunk }
        try countExtensionByte(next, limits)
        state = next
    }

    /// A size has 16 digits at most, zeros included, and leaves the body within its limit.
    private mutating func addSizeDigit(_ digit: Int, room: Int) throws(Refusal) {
        sizeDigits += 1
        guard sizeDigits <= 16 else { throw .malformedChunk }
        guard size <= room >> 4 else { throw .bodyTooLarge }
        size = size << 4 | digit
        guard size <= room else { throw .bodyTooLarge }
    }

    private mutating func beginData() -> State {
        defer { (size, sizeDigits) = (0, 0) }
        remaining = size
        return size == 0 ? .trailer : .data
    }

    /// RFC 9112 section 7.1.1: the length of all extensions together needs a limit.
    private mutating func countExtensionByte(_ next: State, _ limits: Limits) throws(Refusal) {
        switch next {
        case .spaceBeforeExtension, .extensionNameStart, .extensionName, .spaceBehindName, .valueStart, .tokenValue,
            .quotedValue, .escapedCharacter, .behindQuotedValue:
            extensionBytes += 1
            guard extensionBytes <= limits.header else { throw .chunkExtensionsTooLong }
        case .size, .sizeLineFeed, .data, .dataCarriageReturn, .dataLineFeed, .trailer:
            break
        }
    }
}

extension UInt8 {
    fileprivate static let semicolon = UInt8(ascii: ";")
    fileprivate static let equals = UInt8(ascii: "=")
    fileprivate static let quote = UInt8(ascii: "\"")
    fileprivate static let backslash = UInt8(ascii: "\\")
    fileprivate var isBlank: Bool { self == .space || self == .tab }
}
