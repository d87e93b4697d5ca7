import EventLog
import Events
import Marts
import Pipeline
import TestSupport
import Testing

@Suite("The law of replay", .temporaryFolder) struct LawOfReplayTests {
  /// Goal: a mart is a function of the log's prefixes alone. Method: one log of good, bad, repeated, missing and late events in
  /// small stored batches; forty generations, each with another random interleaving and other batch sizes, some stopped
  /// and reopened on the way; ordered dumps must be equal.
  @Test("forty random interleavings and batch sizes give equal dumps") func equalDumps() throws {
    let world = try World()
    var random = SeededGenerator(seed: 20_26)
    try fill(world, 600, &random)
    try world.project(generation: 1)
    let expected = try world.dump(generation: 1)
    #expect(expected.contains("toy.refused"))
    #expect(expected.contains("# millrace_gaps\n\"platform\""))
    for seed: UInt64 in 2...41 {
      let order = ReadOrder.seeded(
        seed, readBytes: Int.random(in: 1...4_000, using: &random), flushEvents: Int.random(in: 1...120, using: &random)
      )
      let generation = Int(seed)
      try world.project(generation: generation, order: order)
      #expect(try world.dump(generation: generation) == expected, "seed \(seed)")
    }
  }

  @Test("a mart fed in many runs while the log grows equals one fed at once") func growing() throws {
    let world = try World()
    var random = SeededGenerator(seed: 7)
    try world.project(generation: 1)
    for round: UInt64 in 1...12 {
      try fill(world, 40, &random)
      try world.project(generation: 1, order: .seeded(round, readBytes: 900, flushEvents: 25))
    }
    try world.project(generation: 2)
    #expect(try world.dump(generation: 1) == world.dump(generation: 2))
  }

  private func fill(_ world: World, _ count: Int, _ random: inout SeededGenerator) throws {
    var sent: [(Event<Person>, TopicPartition)] = []
    for _ in 0..<count {
      let place = (Bool.random(using: &random) ? orders : weblog).randomElement(using: &random) ?? orders[0]
      switch Int.random(in: 0..<20, using: &random) {
      case 0: world.addRaw([0xff], origin: nil, to: place)
      case 1:
        // Sent again.
        if let (event, place) = sent.randomElement(using: &random) { try world.add(event, to: place) }
      case 2:
        // A number left out; some come later as "sent again".
        let event = world.event(payload(world, place, &random), on: place)
        if Bool.random(using: &random) { sent.append((event, place)) }
      default:
        let event = world.event(
          payload(world, place, &random), on: place, version: UInt64.random(in: 1...1_000_000, using: &random))
        try world.add(event, to: place)
        sent.append((event, place))
      }
      if Int.random(in: 0..<6, using: &random) == 0 { try world.cut(place) }
    }
    try world.cutAll()
  }

  private func payload(_ world: World, _ place: TopicPartition, _ random: inout SeededGenerator) -> Payload<Person> {
    if place.topic == Topic.weblog { return world.request("203.0.113.\(Int.random(in: 0..<20, using: &random))") }
    let quantity: Int64 = Int.random(in: 0..<15, using: &random) == 0 ? 66 : Int64.random(in: 1...9, using: &random)
    return world.line(
      Int64.random(in: 1...40, using: &random), product: Int64.random(in: 1...7, using: &random), quantity: quantity)
  }
}
