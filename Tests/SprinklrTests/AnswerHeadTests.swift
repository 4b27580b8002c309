import Model
import Testing

@testable import Sprinklr

@Suite struct `The header of an answer` {
    private func head(_ lines: String...) -> AnswerHead {
        var head = AnswerHead()
        let taken = lines.map { head.take(($0 + "\r\n").utf8) }
        #expect(!taken.contains(false))
        return head
    }

    @Test func `is complete at its empty line`() {
        #expect(head("HTTP/1.1 200 OK", "A: 1").isComplete == false)
        let whole = head("HTTP/1.1 200 OK", "A: 1", "")
        #expect(whole.isComplete)
        #expect(whole.status == 200)
        #expect(whole.fields == [Field("A", "1")])
    }

    @Test func `is the last of several`() {
        let whole = head(
            "HTTP/1.1 100 Continue",
            "A: 1",
            "",
            "HTTP/1.1 103 Hints",
            "B: 2",
            "",
            "HTTP/1.1 204",
            "C: 3",
            ""
        )
        #expect(whole.status == 204)
        #expect(whole.fields == [Field("C", "3")])
        #expect(head("HTTP/1.1 100 Continue", "").isComplete == false)
    }

    @Test func `ends before the trailers`() {
        let whole = head("HTTP/1.1 200 OK", "A: 1", "", "B: 2", "HTTP/1.1 500 No", "")
        #expect(whole.status == 200)
        #expect(whole.fields == [Field("A", "1")])
    }

    @Test func `keeps fields as they come`() {
        let whole = head(
            "HTTP/1.1 200",
            "a:1",
            "A :\t2 ",
            "Empty:",
            "no colon",
            "Folded: x",
            "\ty",
            "  z",
            "B: c:d",
            ""
        )
        #expect(
            whole.fields == [
                Field("a", "1"), Field("A", "2"), Field("Empty", ""), Field("Folded", "x y z"), Field("B", "c:d"),
            ]
        )
    }

    @Test func `is bounded`() {
        var head = AnswerHead()
        let line = Array(("X: " + String(repeating: "x", count: 1_021)).utf8)
        let taken = (0..<64).map { _ in head.take(line) }
        #expect(!taken.contains(false))
        #expect(!head.isTooLong)
        let isTaken = head.take([0x0D, 0x0A])
        #expect(!isTaken)
        #expect(head.isTooLong)
    }
}

@Suite struct `The loopback` {
    @Test(arguments: [
        "http://127.0.0.1:80/", "http://localhost", "http://[::1]:9090/a@b", "http://a:b@localhost/",
        "http://127.1.2.3?x",
        "HTTP://LOCALHOST:1",
    ])
    func `is this machine`(url: String) {
        #expect(HTTPCall("GET", url).isToLoopback)
    }

    @Test(arguments: [
        "http://example.com", "http://localhost@example.com/", "https://128.0.0.1/", "localhost", "http://",
    ])
    func `is nothing else`(url: String) {
        #expect(!HTTPCall("GET", url).isToLoopback)
    }
}
