import Foundation
import Glibc
import JSON

/// Long runs at the real pace, which `make` starts by name and `make test` leaves out.
enum Trial {
    static func isWanted(_ name: String) -> Bool { ProcessInfo.processInfo.environment["TRIAL"] == name }

    /// A figure that the caller of `make` may set.
    static func figure(_ name: String, default number: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? number
    }

    /// Tells the reader what was measured.
    static func report(_ line: String) {
        print("    \(line)")
    }

    static let path = "/hooks/sale"

    /// One request with many people, each of whom is owed a delivery: `class` names the rule.
    static func order(_ kind: String, _ people: Range<Int>) -> String {
        let list = people.map { "\"\(kind)\($0)\"" }.joined(separator: ",")
        return #"{"kind":"\#(kind)","people":[\#(list)]}"#
    }

    static func config(sandbox: String, destination: String) -> String {
        """
        listen: 127.0.0.1:0
        admin: { listen: "127.0.0.1:0", token: secret, metrics: open }
        store: sqlite:events.db
        sprinklr:
          baseURL: http://\(sandbox)
          key: demo
          token: demo
        \(destination)
        queues:
          default: {}
          transactional: { priority: high }
        sources:
          sale: { path: \(path) }
        rules:
          - name: normal
            source: sale
            when: body.kind == 'normal'
            each: body.people
            trigger: { journey: 64ad5aaeda4f3f1b3fea3eda, snType: SMS, snId: "{{ item }}" }
          - name: high
            source: sale
            when: body.kind == 'high'
            each: body.people
            queue: transactional
            trigger: { journey: 64ad5aaeda4f3f1b3fea3edb, snType: SMS, snId: "{{ item }}" }

        """
    }
}

/// What a process has used of the machine.
struct Usage {
    let cpuSeconds: Double
    let residentMegabytes: Double

    init(of program: Program) {
        let folder = "/proc/\(program.process.processIdentifier)/"
        let stat = (try? String(contentsOfFile: folder + "stat", encoding: .utf8)) ?? ""
        // The fields behind the name, which may hold blanks: the 12th and 13th are user and system time.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        let ticks = fields.count > 13 ? (Double(fields[12]) ?? 0) + (Double(fields[13]) ?? 0) : 0
        cpuSeconds = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        let status = (try? String(contentsOfFile: folder + "status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        residentMegabytes = (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
    }
}

extension RunningProduct {
    /// `GET /sandbox/stats`.
    func sandboxStatistics() throws -> JSONValue {
        try JSONValue.parse(try HTTPConnection(sandboxAddress).get("/sandbox/stats").body)
    }

    /// The calls after this number.
    func calls(after number: Int) throws -> [JSONValue] {
        let response = try HTTPConnection(sandboxAddress).get("/sandbox/calls?after=\(number)")
        return response.body.split(separator: "\n").compactMap { try? JSONValue.parse(String($0)) }
    }

    /// The sum of a metric's values where its line holds this label; nil when there are none.
    func metric(_ name: String, _ label: String = "") throws -> Double? {
        let values = try HTTPConnection(adminAddress).get("/metrics").body.split(separator: "\n")
            .filter { $0.hasPrefix(name) && (label.isEmpty || $0.contains(label)) }
            .compactMap { $0.split(separator: " ").last }.compactMap { Double($0) }
        return values.isEmpty ? nil : values.reduce(0, +)
    }
}

extension JSONValue {
    var count: Int { Int(number?.int64Value ?? 0) }
}
