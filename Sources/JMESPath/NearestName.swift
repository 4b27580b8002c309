/// The name that is least unlike `name`, when there is one that is like it at all; of several the first by the alphabet.
package func nearestName(to name: String, among names: some Sequence<String>) -> String? {
    let distances = names.map { (name: $0, distance: editDistance($0, name)) }
    guard let best = distances.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
    return best.distance <= max(1, name.count / 3) ? best.name : nil
}

/// How many characters must be put in, left out, replaced or exchanged with their neighbour to make one word of the other
/// (Damerau and Levenshtein). Only the first 64 are looked at.
private func editDistance(_ one: String, _ other: String) -> Int {
    let (one, other) = (Array(one.prefix(64)), Array(other.prefix(64)))
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for line in one.indices {
        var row = [line + 1]
        for column in other.indices {
            let isSame = one[line] == other[column]
            var distance = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, row[column] + 1)
            if line > 0, column > 0, one[line] == other[column - 1], one[line - 1] == other[column] {
                distance = min(distance, beforeLast[column - 1] + 1)
            }
            row.append(distance)
        }
        (beforeLast, last) = (last, row)
    }
    return last[other.count]
}
