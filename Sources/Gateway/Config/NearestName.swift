/// The one of `names` that was most likely meant by `text`; nil when none is near.
/// Near is: at most a third of the letters differ, and at least one may.
func nearestName(to text: String, among names: some Sequence<String>) -> String? {
    let bound = max(1, text.count / 3)
    var best: (name: String, distance: Int)?
    for name in names {
        // A difference of case alone is nearer than any other.
        let distance = text.lowercased() == name.lowercased() ? 0 : editDistance(text, name)
        if distance <= bound, distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to make one text the other
/// (optimal string alignment).
func editDistance(_ one: String, _ other: String) -> Int {
    let a = Array(one)
    let b = Array(other)
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var distance = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { distance = min(distance, beforeLast[j - 1] + 1) }
            row.append(distance)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}

/// `; did you mean 'x'?` when a name is near, else `; known: a, b, c` when there are not too many, else nothing.
func suggestion(for text: String, among names: [String]) -> String {
    if let near = nearestName(to: text, among: names) { return "; did you mean '\(near)'?" }
    guard !names.isEmpty, names.count <= 15 else { return "" }
    return "; known: \(names.joined(separator: ", "))"
}
