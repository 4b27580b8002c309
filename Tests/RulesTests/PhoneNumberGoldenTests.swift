import Glibc
import Testing

@testable import Rules

@Suite struct `Phone numbers of thirty regions` {
    /// What PyPI's `phonenumbers` made of them, with the metadata of Debian's libphonenumber (8.12.57); written by
    /// `Scripts/phone-numbers.py golden 10`. `make phone-numbers` compares three thousand.
    @Test func `are read as another implementation of the rules reads them`() throws {
        let numbers = try Self.lines(of: "phone-numbers.tsv").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(numbers.count == 300 && Set(numbers.map { $0[0] }).count == 30)
        for number in numbers {
            let found = try? PhoneNumber(number[1], region: number[0]).e164
            #expect(found ?? "" == number[2], "\(number[0]) \(number[1])")
        }
    }

    private static func lines(of name: String) throws -> [Substring] {
        let path = String(#filePath.dropLast("/RulesTests/PhoneNumberGoldenTests.swift".count)) + "/Golden/" + name
        let file = try #require(fopen(path, "rb"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}
