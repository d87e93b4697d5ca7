package import EventLog

/// What differs in one table and month.
package struct MartDifference: Equatable, Sendable {
  /// The sum of a column of whole numbers, in both.
  package struct Sum: Equatable, Sendable {
    /// A column of the table's canonical dump.
    package var column: String
    /// nil: no whole number there.
    package var old: Int64?
    /// Events in the new one's.
    package var new: Int64?
  }

  /// Name of the table.
  package var table: String
  /// "2026-10"; empty where the table, or the row, knows no time.
  package var month: String
  /// Rows of this place in the old generation.
  package var oldRows: Int64
  /// Rows of this place in the new one.
  package var newRows: Int64
  /// Only those that differ. Empty although the part differs: other values do, texts or tokens.
  package var sums: [Sum]
}

/// Events left out for a reason, in the one and the other generation.
package struct QuarantineDifference: Equatable, Sendable {
  /// Where the events were left out: "decode", "open", "validate", "fold" or "capture".
  package var stage: String
  /// The typed reason, e.g. "order.absurdQuantity".
  package var reason: String
  /// Events in the one generation.
  package var old: Int64
  /// Events in the other.
  package var new: Int64
}

/// One generation held against another, per table and month.
package struct MartComparison: Equatable, Sendable {
  /// Tables that were compared.
  package var tables = 0
  /// Tables and months that either has.
  package var places = 0
  /// One for each table and month that differs, by table and month.
  package var differences: [MartDifference] = []
  /// Tables that one of them has in a form that this program does not know.
  package var otherTables: [String] = []
  /// Reasons whose counts differ, by stage and reason.
  package var quarantine: [QuarantineDifference] = []
  /// Parts of the identity that differ, with both values; "absent" where there is none.
  package var identity: [IdentityDifference] = []
  /// Partitions where the two stand at different offsets; then rows may differ by what lies between.
  package var positions: [TopicPartition] = []

  /// One part of the identity that is not the same.
  package struct IdentityDifference: Equatable, Sendable {
    /// Name of the part, e.g. "projection.orders".
    package var part: String
    /// The old generation's value, or "absent".
    package var old: String
    /// The new one's, or "absent".
    package var new: String
  }

  /// Whether one may take the other's place unseen. Another identity alone is no difference: the rows decide.
  package var isEqual: Bool { differences.isEmpty && otherTables.isEmpty && positions.isEmpty }

  /// Tables with a difference, sorted.
  package var differingTables: [String] { Set(differences.map(\.table) + otherTables).sorted() }

  /// Both readers should be inside a snapshot. `new` is what `tables` describes.
  package static func compare(
    _ old: MartReader, _ new: MartReader, tables: [TableDefinition]
  ) throws(MartError) -> MartComparison {
    let (oldIdentity, newIdentity) = (try old.identity(), try new.identity())
    var result = MartComparison()
    result.identity = newIdentity.differences(from: oldIdentity).map {
      IdentityDifference(part: $0, old: oldIdentity.parts[$0] ?? "absent", new: newIdentity.parts[$0] ?? "absent")
    }
    // Tokens of two key versions never match, so rows can only be counted and summed.
    let hasSameTokens = !result.identity.contains { $0.part == "keys.tokenVersion" }
    let (oldFigures, newFigures) = (try old.figures(of: tables), try new.figures(of: tables))
    result.add(oldFigures, newFigures, comparingContent: hasSameTokens, MartFigures.compared(tables))
    try result.addQuarantine(old, new)
    let (oldPositions, newPositions) = (try old.positions(), try new.positions())
    result.positions = Set(oldPositions.keys).union(newPositions.keys).sorted().filter {
      (oldPositions[$0]?.nextOffset ?? .first) != (newPositions[$0]?.nextOffset ?? .first)
    }
    return result
  }

  private mutating func add(
    _ old: MartFigures, _ new: MartFigures, comparingContent: Bool, _ tables: [TableDefinition]
  ) {
    self.tables = tables.count
    otherTables = old.otherTables.union(new.otherTables).sorted()
    let places = Set(old.parts.keys).union(new.parts.keys).filter { !otherTables.contains($0.table) }
    self.places = places.count
    for place in places.sorted() {
      let (left, right) = (old.parts[place] ?? .init(), new.parts[place] ?? .init())
      if left.rows == right.rows, left.sums == right.sums, !comparingContent || left.fingerprint == right.fingerprint {
        continue
      }
      let columns = Set(left.sums.keys).union(right.sums.keys).sorted()
      differences.append(
        MartDifference(
          table: place.table, month: place.month, oldRows: left.rows, newRows: right.rows,
          sums: columns.filter { left.sums[$0] != right.sums[$0] }.map {
            MartDifference.Sum(column: $0, old: left.sums[$0], new: right.sums[$0])
          }))
    }
  }

  private mutating func addQuarantine(_ old: MartReader, _ new: MartReader) throws(MartError) {
    var counts: [String: QuarantineDifference] = [:]
    for count in try old.quarantineCounts() {
      counts["\(count.stage) \(count.reason)"] = QuarantineDifference(
        stage: count.stage, reason: count.reason, old: count.count, new: 0)
    }
    for count in try new.quarantineCounts() {
      counts[
        "\(count.stage) \(count.reason)",
        default: QuarantineDifference(stage: count.stage, reason: count.reason, old: 0, new: 0)
      ].new = count.count
    }
    quarantine = counts.sorted { $0.key < $1.key }.map(\.value).filter { $0.old != $0.new }
  }
}
