import EventLog
import Testing

@Suite("Offsets") struct OffsetTests {
  @Test("offsets count, keep their order, and are shown as numbers") func arithmetic() {
    let offset = Offset(40)
    #expect(offset.next == 41 && offset + 5 == 45 && offset - 40 == .first)
    #expect(offset.distance(to: 45) == 5 && Offset(45).distance(to: offset) == -5)
    #expect(offset < offset.next && max(offset, 7) == offset)
    #expect("\(offset) \(Offset.first)" == "40 0" && offset.rawValue == 40)
    #expect(LogBounds(earliest: 7, next: 12).count == 5)
  }

  /// Goal: bytes from outside end in an error, not in a trap. Method: what lies behind the last offset that a number can be.
  @Test("what lies beyond the last offset is before the first, and nothing traps") func wraps() {
    #expect(Offset.max.next < .first && Offset.max + 2 < .first && Offset(.min) - 1 == .max)
    #expect(Offset.first.distance(to: .max) == .max && Offset(.min).distance(to: .max) == -1)
  }
}
