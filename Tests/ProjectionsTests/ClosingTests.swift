import Entity
import Events
import Foundation
import Projections
import ShopMarts
import TestSupport
import Testing

/// A cancellation belongs to the month in which it happened, and a closed month stays as it is.
@Suite("When an order was closed", .temporaryFolder)
struct ClosingTests {
  private typealias Version = (
    operation: EventOperation, status: OrderStatus, day: String, before: (OrderStatus, String)?
  )

  private func order(_ status: OrderStatus, _ day: String) -> Order<PersonToken> {
    ProjectionsTests.order(status: status, updated: moment(day + "T12:00:00Z"))
  }

  /// The version of a state is its place, from 1; nil: a delete.
  private func events(_ versions: [Version?]) -> [Event<PersonToken>] {
    versions.enumerated().map { index, version in
      guard let version else {
        return event(.order(deleted(order(.placed, "2026-01-01"))), .delete, version: UInt64(index + 1), key: 1)
      }
      let change = Change(
        before: version.before.map { order($0.0, $0.1) }, after: order(version.status, version.day))
      return event(.order(change), version.operation, version: UInt64(index + 1), key: 1)
    }
  }

  /// Every order of arrival, each in one batch and in a batch per event, must give one answer.
  private func closing(_ versions: [Version?]) throws -> [[String]] {
    var answers: Set<[[String]]> = []
    var dumps: Set<String> = []
    for (number, order) in permutations(events(versions)).enumerated() {
      // A mart takes its time: of many orders of arrival not all are tried both ways.
      for isOneBatch in versions.count > 3 ? [number % 2 == 0] : [true, false] {
        let mart = try MartUnderTest(.sales, folder: TemporaryFolder.path + "/\(UUID().uuidString)")
        for event in order {
          try mart.fold(input(event))
          if !isOneBatch { try mart.flush() }
        }
        try mart.flush()
        answers.insert(
          try mart.rows("SELECT date(closed_at / 1000, 'unixepoch'), closing_seen FROM orders"))
        dumps.insert(try mart.dump())
      }
    }
    #expect(dumps.count == 1)
    #expect(answers.count == 1)
    return answers.first ?? []
  }

  private func permutations<Element>(_ elements: [Element]) -> [[Element]] {
    guard elements.count > 1 else { return [elements] }
    return elements.indices.flatMap { index in
      var rest = elements
      let first = rest.remove(at: index)
      return permutations(rest).map { [first] + $0 }
    }
  }

  /// Goal: what happens to a cancelled order later moves nothing. Method: an order that is placed, cancelled in October and
  /// edited in November, in every order of arrival.
  @Test("a later edit of a cancelled order leaves the cancellation in its month")
  func laterEdit() throws {
    #expect(
      try closing([
        (.create, .placed, "2026-10-01", nil),
        (.update, .cancelled, "2026-10-20", (.placed, "2026-10-01")),
        (.update, .cancelled, "2026-11-25", (.cancelled, "2026-10-20")),
        (.update, .cancelled, "2026-12-01", (.cancelled, "2026-11-25")),
      ]) == [["2026-10-20", "1"]])
  }

  /// Goal: the newest change counts. Method: cancelled, opened again, cancelled again, edited.
  @Test("an order that is cancelled twice is booked at the second time")
  func twice() throws {
    #expect(
      try closing([
        (.update, .cancelled, "2026-08-20", (.placed, "2026-08-01")),
        (.update, .placed, "2026-09-02", (.cancelled, "2026-08-20")),
        (.update, .cancelled, "2026-10-20", (.placed, "2026-09-02")),
        (.update, .cancelled, "2026-11-25", (.cancelled, "2026-10-20")),
      ]) == [["2026-10-20", "1"]])
    #expect(
      try closing([
        (.update, .cancelled, "2026-08-20", (.placed, "2026-08-01")),
        (.update, .returned, "2026-09-20", (.cancelled, "2026-08-20")),
        (.snapshot, .returned, "2026-11-25", nil),
      ]) == [["2026-09-20", "1"]])
  }

  /// Goal: what nobody saw is not claimed. Method: a snapshot alone; one before edits; an edit that knows how the row was; a
  /// snapshot after a gap in which the order was cancelled.
  @Test("where the change itself was not seen, the oldest state after it counts, and is marked")
  func unseen() throws {
    #expect(try closing([(.snapshot, .cancelled, "2026-10-20", nil)]) == [["2026-10-20", "0"]])
    #expect(
      try closing([
        (.snapshot, .cancelled, "2026-10-20", nil), (.update, .cancelled, "2026-11-25", (.cancelled, "2026-10-20")),
        (.snapshot, .cancelled, "2026-12-25", nil),
      ]) == [["2026-10-20", "0"]])
    #expect(
      try closing([(.update, .cancelled, "2026-11-25", (.cancelled, "2026-10-20"))]) == [["2026-10-20", "0"]])
    #expect(
      try closing([(.create, .placed, "2026-10-01", nil), (.snapshot, .cancelled, "2026-11-25", nil)])
        == [["2026-11-25", "0"]])
    #expect(
      try closing([(.create, .placed, "2026-10-01", nil), (.update, .cancelled, "2026-10-20", nil)])
        == [["2026-10-20", "1"]])
  }

  /// Goal: a row that is replaced (a delete and a new row) stays in its month; open versions around a delete are not forgotten.
  @Test("a cancelled order that is written anew stays where it was")
  func replaced() throws {
    #expect(
      try closing([
        (.update, .cancelled, "2026-10-20", (.placed, "2026-10-01")), nil, (.create, .cancelled, "2026-11-25", nil),
      ]) == [["2026-10-20", "1"]])
    #expect(
      try closing([
        (.snapshot, .cancelled, "2026-08-20", nil), (.update, .placed, "2026-09-01", nil), nil,
        (.update, .cancelled, "2026-11-25", nil),
      ]) == [["2026-11-25", "1"]])
    #expect(
      try closing([
        (.update, .cancelled, "2026-10-20", (.placed, "2026-10-01")), nil,
      ]) == [])
    #expect(
      try closing([
        (.update, .cancelled, "2026-10-20", (.placed, "2026-10-01")),
        (.update, .completed, "2026-10-21", (.cancelled, "2026-10-20")),
      ]) == [["NULL", "NULL"]])
  }
}
