/// Text that is the same only when its code points are: JSON's idea of equal names, where `String`'s own is that of
/// canonical equivalence.
package struct ExactText: Hashable, Comparable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static func == (one: ExactText, other: ExactText) -> Bool { one.text.isSame(as: other.text) }

    /// The text's own hash: what has the same code points has the same.
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// By code points, which is the order of the UTF-8 bytes.
    package static func < (one: ExactText, other: ExactText) -> Bool {
        one.text.utf8Span.span.precedes(other.text.utf8Span.span)
    }
}

extension String {
    /// Whether both have the same code points.
    package func isSame(as other: String) -> Bool {
        // Equal code points are canonically equivalent, and `==` is quick to say no.
        self == other && utf8.elementsEqual(other.utf8)
    }
}

extension Span<UInt8> {
    /// Whether this comes first in the order of the bytes.
    func precedes(_ other: Span<UInt8>) -> Bool {
        let shorter = Swift.min(count, other.count)
        var offset = 0
        while offset + 8 <= shorter {
            let one = UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let two = UInt64(bigEndian: other.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            if one != two { return one < two }
            offset += 8
        }
        while offset < shorter {
            if self[offset] != other[offset] { return self[offset] < other[offset] }
            offset += 1
        }
        return count < other.count
    }

    func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var offset = 0
        let (one, two) = (bytes, other.bytes)
        while offset + 8 <= count {
            guard
                one.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    == two.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            else { return false }
            offset += 8
        }
        while offset < count {
            guard self[offset] == other[offset] else { return false }
            offset += 1
        }
        return true
    }
}

/// The places of those members whose name no later one has; nil when all names are different.
func lastOfEachName(_ members: [JSONMember]) -> [Int]? {
    if areSurelyDifferent(members) { return nil }
    var seen: Set<ExactText> = []
    seen.reserveCapacity(members.count)
    var kept: [Int] = []
    for index in members.indices.reversed() where seen.insert(ExactText(members[index].key)).inserted {
        kept.append(index)
    }
    return kept.count == members.count ? nil : kept.reversed()
}

/// Whether comparing a few names with each other tells that no two are the same; cheaper than a set of them.
private func areSurelyDifferent(_ members: [JSONMember]) -> Bool {
    guard members.count <= 16 else { return false }
    for place in members.indices {
        let count = members[place].key.utf8.count
        for other in 0..<place where members[other].key.utf8.count == count {
            if members[other].key.isSame(as: members[place].key) { return false }
        }
    }
    return true
}
