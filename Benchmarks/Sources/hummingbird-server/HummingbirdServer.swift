import Foundation
import GRDB
import Hummingbird
import HTTPTypes
import Logging
import NIOCore

/// What a service looks like that is put together from parts in an afternoon: Hummingbird answers `202`; with a database's
/// path, after GRDB has written the body in a transaction of its own, as durably as the product does.
///
/// `hummingbird-server [DATABASE]`
@main enum HummingbirdServer {
    static func main() async throws {
        let router = Router()
        if let path = CommandLine.arguments.dropFirst().first {
            let database = try DatabasePool(path: path)
            // The pool sets NORMAL by itself when it turns the write-ahead log on.
            try await database.writeWithoutTransaction { connection in
                try connection.execute(sql: "PRAGMA synchronous = FULL")
                try connection.execute(sql: "CREATE TABLE event (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
            }
            router.post("**") { request, _ -> HTTPResponse.Status in
                let body = try await request.body.collect(upTo: 1 << 20)
                let bytes = Data(body.readableBytesView)
                try await database.write { connection in
                    try connection.execute(sql: "INSERT INTO event (body) VALUES (?)", arguments: [bytes])
                }
                return .accepted
            }
        } else {
            router.post("**") { request, _ -> HTTPResponse.Status in
                _ = try await request.body.collect(upTo: 1 << 20)
                return .accepted
            }
        }
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                print("127.0.0.1:\(channel.localAddress?.port ?? 0)")
                fflush(nil)
            },
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        )
        try await application.runService()
    }
}
