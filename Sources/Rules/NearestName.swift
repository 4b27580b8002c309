/// Finds what somebody meant to write.
enum NearestName {
    /// The candidate that differs from `name` in the fewest letters, when they are few for its length; of several the
    /// first in the alphabet. Case counts for half.
    static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let bound = max(2, name.count / 3 * 2)
        return candidates.map { (distance(name, $0), $0) }
            .filter { $0.0 <= bound && $0.1 != name }
            .min { $0 < $1 }?.1
    }

    /// `; did you mean 'x'?`, or nothing.
    static func hint(_ name: String, among candidates: some Sequence<String>) -> String {
        of(name, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// Twice the number of letters to insert, remove, replace or swap with their neighbour; a change of case is 1.
    private static func distance(_ one: String, _ other: String) -> Int {
        let (left, right) = (Array(one), Array(other))
        guard abs(left.count - right.count) <= 4, left.count <= 80 else { return Int.max }
        var rows = [Array(stride(from: 0, through: right.count * 2, by: 2))]
        for row in 0..<left.count {
            var next = [(row + 1) * 2]
            for column in 0..<right.count {
                let change =
                    left[row] == right[column]
                    ? 0 : left[row].lowercased() == right[column].lowercased() ? 1 : 2
                var best = min(rows[row][column] + change, rows[row][column + 1] + 2, next[column] + 2)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, rows[row - 1][column - 1] + 2)
                }
                next.append(best)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}
