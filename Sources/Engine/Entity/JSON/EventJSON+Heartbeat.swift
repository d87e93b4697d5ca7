extension Heartbeat {
  /// How it stands in JSON.
  package static let table = JSONTable<Heartbeat>(
    "heartbeat", "The source was read up to this moment: what the age of a report or copy is computed from.",
    [
      .moment("read_up_to") { $0.readUpTo }
    ])
}

extension EventJSON {
  /// Appends a heartbeat.
  package mutating func append(
    _ heartbeat: Heartbeat, of envelope: Envelope, at place: Place, to bytes: inout [UInt8]
  ) {
    append(envelope, kind: Heartbeat.table.kind, key: nil, at: place, to: &bytes) { writer in
      writer.change(before: nil, after: heartbeat, Heartbeat.table)
    }
  }
}
