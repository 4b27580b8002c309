import JSON
public import Model

/// A delivery that was made of an event, as the admin API tells of it.
public struct PastDelivery: Sendable, Equatable {
    public let id: String
    public let rule: String
    public let item: Int
    public let destination: String
    public let queue: String
    public let state: DeliveryState
    public let trigger: Trigger

    /// Why a story cannot be read.
    public struct Failed: Error, CustomStringConvertible {
        public let description: String
    }

    init(story: JSONValue) throws(Failed) {
        guard let state = DeliveryState(rawValue: story.text("state")),
            let trigger = Trigger(frozen: story["trigger"] ?? .null),
            let item = story["item"]?.number?.int64Value
        else { throw Failed(description: "delivery \(story.text("id")) is not one that this version can read") }
        id = story.text("id")
        rule = story.text("rule")
        self.item = Int(item)
        destination = story.text("destination")
        queue = story.text("queue")
        self.state = state
        self.trigger = trigger
    }

    /// What stands for each (rule, item) of an event: its last replay, in the order of the first ones.
    static func latest(of story: JSONValue) throws(Failed) -> [PastDelivery] {
        var latest: [PastDelivery] = []
        var replays: [Int64] = []
        for element in story["deliveries"]?.elements ?? [] {
            let delivery = try PastDelivery(story: element)
            let replay = element["replay"]?.number?.int64Value ?? 0
            if let place = latest.firstIndex(where: { $0.rule == delivery.rule && $0.item == delivery.item }) {
                guard replay > replays[place] else { continue }
                latest[place] = delivery
                replays[place] = replay
            } else {
                latest.append(delivery)
                replays.append(replay)
            }
        }
        return latest
    }

    /// Whether it asks the same journey for the same person.
    func reaches(as draft: DeliveryDraft) -> Bool {
        destination == draft.destination && trigger.asksTheSame(as: draft.trigger)
    }
}
