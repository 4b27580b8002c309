import Foundation

/// Foundation's parser: the same bytes into its own objects.
enum Foundations {
    static func parse(_ bytes: [UInt8]) {
        guard (try? JSONSerialization.jsonObject(with: Data(bytes))) != nil else { stop("the order is no JSON") }
    }
}
