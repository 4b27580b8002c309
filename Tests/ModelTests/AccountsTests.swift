import JSON
import Testing

@testable import Model

@Suite struct `The books` {
    private func account(_ entry: Account.Entry) -> Account { Account(source: "shop", entry: entry) }

    @Test func `balance when every request, event and delivery is accounted for`() {
        let accounts = Accounts([
            account(.requests): 5, account(.answered): 1, account(.refused("signature")): 2, account(.decoded): 2,
            account(.events): 4, account(.duplicates): 1, account(.accepted(.matched)): 2,
            account(.accepted(.failed)): 1,
            account(.made(queue: "default")): 3, account(.state(.ready, queue: "default")): 1,
            account(.state(.delivered, queue: "default")): 2,
        ])
        #expect(accounts.imbalances() == [])
    }

    @Test(arguments: [
        (Account.Entry.requests, "shop: 1 requests, but 0 answered, refused or decoded"),
        (.refused("body"), "shop: 0 requests, but 1 answered, refused or decoded"),
        (.dropped, "shop: 0 events, but 1 duplicate, dropped or accepted"),
        (.state(.dead, queue: "default"), "shop: 0 deliveries made in queue default, but 1 in any state"),
    ])
    func `say which equation does not hold`(entry: Account.Entry, sentence: String) {
        #expect(Accounts([account(entry): 1]).imbalances() == [sentence])
    }

    @Test func `keep sources and queues apart`() {
        let accounts = Accounts([
            account(.made(queue: "a")): 1, account(.state(.ready, queue: "b")): 1,
        ])
        #expect(accounts.imbalances().count == 2)
    }
}

@Suite struct `A trigger` {
    @Test func `is thawed as it was frozen`() throws {
        let trigger = Trigger(
            snType: "SMS",
            snID: "351912345678",
            journeyID: "64ad5aaeda4f3f1b3fea3eda",
            contextParams: [ContextParam("z", "19.90"), ContextParam("a", "Ü")],
            newProfile: NewProfile(mode: .always, unifiedProfile: .object([("createdTime", .integer(1))]))
        )
        #expect(Trigger(frozen: trigger.frozen) == trigger)
        let size = trigger.freeze().count
        #expect((size...size + 32).contains(trigger.weight))
    }

    @Test func `is not thawed from anything else`() {
        #expect(Trigger(frozen: .object([("snType", "SMS")])) == nil)
    }
}

@Suite struct `A lane` {
    @Test func `is the same person in the same queue of the same destination`() {
        let lane = Lane(destination: "sprinklr", queue: "default", snType: "SMS", snID: "1")
        #expect(lane == Lane(destination: "sprinklr", queue: "default", snType: "SMS", snID: "1"))
        #expect(lane != Lane(destination: "sprinklr", queue: "default", snType: "SMS1", snID: ""))
        #expect(lane != Lane(destination: "sprinklr", queue: "other", snType: "SMS", snID: "1"))
    }

    @Test func `has the value it was stored with by earlier versions`() {
        #expect(Lane(destination: "", queue: "", snType: "", snID: "").value == Int64(bitPattern: laneOfNothing()))
    }

    /// FNV-1a by its definition over four zero bytes.
    private func laneOfNothing() -> UInt64 {
        (0..<4).reduce(0xCBF2_9CE4_8422_2325) { hash, _ in (hash ^ 0) &* 0x0000_0100_0000_01B3 }
    }
}
