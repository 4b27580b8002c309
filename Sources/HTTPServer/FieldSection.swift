/// Reads field lines up to the empty line that ends them: a request's header section, and a chunked body's trailers
/// (RFC 9112 section 5).
///
/// Give it the same bytes again with more behind them until the section is whole: no byte is looked at twice by the
/// search for a line's end, and what it finds depends on the bytes alone, not on how they were cut.
struct FieldSection: Sendable {
    private(set) var lines: [FieldLine] = []
    private var scanner: LineScanner
    private let start: Int

    /// - Parameter start: Where the section begins in the bytes that `parse` will be given.
    init(startingAt start: Int) {
        scanner = LineScanner(startingAt: start)
        self.start = start
    }

    /// - Returns: Where the section ends, behind its empty line; nil while that has not arrived.
    mutating func parse(_ bytes: Span<UInt8>, limits: Limits) throws(Refusal) -> Int? {
        while true {
            let room = min(limits.field, start + limits.header - scanner.lineStart)
            let kinds = LineScanner.Kind(allowed: .fieldValue, malformed: .malformedField, tooLong: .headerTooLarge)
            guard let line = try scanner.nextLine(in: bytes, kinds, atMost: room) else { return nil }
            if line.isEmpty { return scanner.lineStart }
            guard lines.count < limits.fieldCount else { throw .tooManyFields }
            if lines.isEmpty { lines.reserveCapacity(16) }
            lines.append(try FieldLine(line, in: bytes))
        }
    }
}

extension FieldLine {
    /// Reads a line of which the scanner has let through only what a field value may hold.
    fileprivate init(_ line: Range<Int>, in bytes: Span<UInt8>) throws(Refusal) {
        // RFC 9112 section 5.2: a server refuses a folded line, or unfolds it. Proxies differ in what they see.
        let first = bytes[line.lowerBound]
        guard first != .space, first != .tab else { throw .foldedField }
        var colon = line.lowerBound
        while colon < line.upperBound, ByteSet.token.contains(bytes[colon]) { colon += 1 }
        // RFC 9112 section 5.1: white space before the colon must be refused.
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == .colon else { throw .malformedField }
        let value = bytes.trimmed(colon + 1..<line.upperBound)
        name = Slice(line.lowerBound, colon)
        self.value = Slice(value.lowerBound, value.upperBound)
    }
}

/// Finds lines that end in CR LF, over bytes that may still grow.
struct LineScanner: Sendable {
    /// What a line may hold, and why one is refused.
    struct Kind {
        var allowed: ByteSet
        var malformed: Refusal
        var tooLong: Refusal
    }

    /// Where the next line starts.
    private(set) var lineStart: Int
    /// Up to here the line has been looked at.
    private var position: Int

    init(startingAt start: Int) {
        lineStart = start
        position = start
    }

    /// - Returns: The next line without its end; nil while it is not whole.
    mutating func nextLine(in bytes: Span<UInt8>, _ kind: Kind, atMost room: Int) throws(Refusal) -> Range<Int>? {
        let limit = lineStart + max(room, 0)
        let end = min(bytes.count, limit)
        while position < end, kind.allowed.contains(bytes[position]) { position += 1 }
        guard position < bytes.count else { return nil }
        guard position < limit || bytes[position] == .carriageReturn else { throw kind.tooLong }
        return try endLine(in: bytes, kind)
    }

    /// Reads CR LF. RFC 9112 section 2.2 lets a server take a bare LF for a line's end; proxies that do not would see other
    /// lines than we do, so it is refused, as is a bare CR.
    private mutating func endLine(in bytes: Span<UInt8>, _ kind: Kind) throws(Refusal) -> Range<Int>? {
        guard bytes[position] == .carriageReturn else { throw kind.malformed }
        guard position + 1 < bytes.count else { return nil }
        guard bytes[position + 1] == .lineFeed else { throw kind.malformed }
        let line = lineStart..<position
        position += 2
        lineStart = position
        return line
    }
}
