import CRE2
import Glibc

/// A compiled regular expression of RE2's syntax; searching takes time linear in the text.
public final class Pattern: Sendable {
    /// Why a text is no expression.
    public struct Fault: Error, Equatable {
        public var message: String
    }

    /// One match: the whole, then the groups; nil for a group that took no part.
    struct Match {
        let ranges: [Range<Int>?]

        var whole: Range<Int> { ranges[0] ?? 0..<0 }
    }

    /// Bytes that a compiled expression and its cache may take.
    private static let memory = 8 << 20

    private let compiled: Compiled
    let groupCount: Int

    public init(_ text: String) throws(Fault) {
        var text = text
        var reason = [CChar](repeating: 0, count: 256)
        let handle = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                withUnsafePointer(to: CChar(0)) { empty in
                    cre2_compile(bytes.baseAddress ?? empty, bytes.count, Self.memory, &reason, reason.count)
                }
            }
        }
        guard let handle else {
            let message = String(decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw Fault(message: message)
        }
        compiled = Compiled(handle: handle)
        groupCount = Int(cre2_group_count(handle))
    }

    deinit {
        cre2_free(compiled.handle)
    }

    /// The number of a group by its number or name, as text; nil when there is none.
    func group(_ name: String) -> Int? {
        if let number = Int(name) { return (0...groupCount).contains(number) ? number : nil }
        var name = name
        let number = name.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                bytes.baseAddress.map { cre2_group_named(compiled.handle, $0, bytes.count) } ?? -1
            }
        }
        return number < 0 ? nil : Int(number)
    }

    /// Whether it matches anywhere in a text.
    public func occurs(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { firstMatch(in: $0) } != nil
    }

    /// The first match at or after `start`, in UTF-8 bytes.
    func firstMatch(in text: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Match? {
        withUnsafeTemporaryAllocation(of: CRE2Range.self, capacity: groupCount + 1) { ranges in
            text.withMemoryRebound(to: CChar.self) { text in
                withUnsafePointer(to: CChar(0)) { empty in
                    guard
                        cre2_match(
                            compiled.handle,
                            text.baseAddress ?? empty,
                            text.count,
                            start,
                            ranges.baseAddress,
                            CInt(groupCount + 1)
                        )
                    else { return nil }
                    return Match(ranges: ranges.map { $0.start < 0 ? nil : $0.start..<($0.start + $0.length) })
                }
            }
        }
    }

    /// RE2 is immutable after it is made, but for a cache of states that it locks itself; RE2's header promises that
    /// any threads may match with one object. The handle is freed once, with the only `Pattern` that has it.
    private struct Compiled: @unchecked Sendable {
        let handle: OpaquePointer
    }
}

/// Patterns by their text, so that a rule's constant pattern is compiled once. Bounded: beyond `capacity` it starts
/// afresh, which patterns taken from payloads could bring about, and constant ones never do.
final class PatternCache: Sendable {
    private static let capacity = 512

    private let patterns = Lock<[String: Pattern]>([:])

    func pattern(_ text: String) throws(Pattern.Fault) -> Pattern {
        if let known = patterns.withLock({ $0[text] }) { return known }
        let made = try Pattern(text)
        patterns.withLock { patterns in
            if patterns.count >= Self.capacity { patterns.removeAll() }
            patterns[text] = made
        }
        return made
    }
}

/// State under a pthread mutex, which the thread sanitizer understands.
private final class Lock<State: Sendable>: @unchecked Sendable {
    // Sendable because `state` is touched only between lock and unlock of `mutex`, and neither pointer ever changes.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let state: UnsafeMutablePointer<State>

    init(_ initial: State) {
        state = .allocate(capacity: 1)
        state.initialize(to: initial)
        mutex.initialize(to: pthread_mutex_t())
        let status = pthread_mutex_init(mutex, nil)
        precondition(status == 0, "a mutex needs no resources on Linux")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1).deallocate()
        state.deinitialize(count: 1).deallocate()
    }

    func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state.pointee)
    }
}
