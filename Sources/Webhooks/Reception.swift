public import Model

/// What became of one webhook at its source.
public enum Reception: Sendable {
    /// It carried no event and got what it asked for: a handshake, a ping, a preflight, an empty batch.
    case answered(Answer)
    case refused(Refusal)
    /// The events it carried. Answer with `answer` once they are on disk; `dropped` counts those left out on purpose.
    case decoded(events: [Event], dropped: Int, answer: AcceptedAnswer)
}
