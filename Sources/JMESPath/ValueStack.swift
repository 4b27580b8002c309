/// Values one upon another. They own nothing, and so taking them away is a matter of counting; the room they had is kept.
struct ValueStack {
    private var room: [Value] = []
    private(set) var count = 0

    subscript(_ place: Int) -> Value {
        precondition(place < count)
        return room[place]
    }

    mutating func append(_ value: Value) {
        if count == room.count { grow(by: 1) }
        room[count] = value
        count &+= 1
    }

    /// Takes away what lies at `base` and above.
    mutating func pop(to base: Int) {
        precondition(base <= count)
        count = base
    }

    /// Appends what lies in `other` at `base` and above, and takes it away there.
    mutating func move(_ other: inout ValueStack, from base: Int) {
        let (start, moved) = (count, other.count - base)
        if start + moved > room.count { grow(by: moved) }
        var span = room.mutableSpan
        for place in 0..<moved { span[start + place] = other.room[base + place] }
        count += moved
        other.pop(to: base)
    }

    /// Takes away a piece, and moves down what lies above it.
    mutating func remove(_ places: Range<Int>) {
        for place in places.upperBound..<count { room[place - places.count] = room[place] }
        pop(to: count - places.count)
    }

    mutating func reverse(from base: Int) {
        var (low, high) = (base, count - 1)
        while low < high {
            room.swapAt(low, high)
            (low, high) = (low + 1, high - 1)
        }
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        room.append(contentsOf: repeatElement(.null, count: max(more, room.count, 32)))
    }
}
