package import EventLog
internal import SQLite

/// Which rejected records no longer count, and where those are that do, as capture's own file has it.
package struct CaptureRejections: Sendable {
  /// The number of one source's event.
  package struct Place: Hashable, Sendable {
    /// Name of the source.
    package var source: String
    /// Where its event stands.
    package var partition: TopicPartition
    /// Of the source's numbers.
    package var epoch: Int64
    /// In that partition and epoch.
    package var number: Int64

    package init(source: String, partition: TopicPartition, epoch: Int64, number: Int64) {
      self.source = source
      self.partition = partition
      self.epoch = epoch
      self.number = number
    }
  }

  /// A rejected record that is still as bad as it was.
  package struct Open: Sendable {
    /// Where its event stands.
    package var event: Place
    /// Typed, e.g. "row.badNumber".
    package var reason: String
    /// The column, or what else is wrong; never content.
    package var detail: String
    /// Where the record stands, for people; never content.
    package var place: String
    /// The money that is missing with it; nil: it is about none, or nobody can tell.
    package var amount: RejectedAmount?
  }

  /// At most `CaptureLimits.listedRejections` of each source, in the order of their numbers.
  package var open: [Open] = []
  /// Events whose records were mended or are gone.
  package var settled: Set<Place> = []
  /// Events up to these numbers were rejected under another mapping, or before anybody kept books.
  package var cuts: [Place] = []

  /// What stands in capture.sqlite; empty where nothing was captured yet. Blocks.
  package static func read(workspace: String) throws -> CaptureRejections {
    var rejections = CaptureRejections()
    guard let database = try CaptureStatus.open(workspace, .capture),
      try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'rejections'") == 1
    else { return rejections }
    return try database.read {
      rejections.open = try database.rows(
        """
        SELECT source, topic, partition, epoch, number, reason, detail, place, amount_minor, currency FROM rejections
        ORDER BY 1, 2, 3, 4, 5
        """
      ) { row in
        Open(
          event: place(row), reason: row.text(5), detail: row.text(6), place: row.text(7),
          amount: row.optionalInt64(8).map { RejectedAmount(minor: $0, currency: row.text(9)) })
      }
      rejections.settled = Set(
        try database.rows("SELECT source, topic, partition, epoch, number FROM settled") { place($0) })
      rejections.cuts = try database.rows("SELECT source, topic, partition, epoch, number FROM cuts") { place($0) }
      return rejections
    }
  }

  private static func place(_ row: Statement) -> Place {
    Place(
      source: row.text(0), partition: TopicPartition(row.text(1), Int32(clamping: row.int64(2))), epoch: row.int64(3),
      number: row.int64(4))
  }
}
