internal import SQLite

/// The channel of an order, by which its lines and shipments are routed, looked up when capture reads their changes. What the
/// order is now decides; of an order that is gone, what the change table tells of its deletion, which a cascade puts close to
/// those of its lines.
struct OrderChannels {
  /// By the order's number as text.
  private var deleted: [String: String] = [:]
  /// Up to where deletions were looked for.
  private var searched: ClosedRange<Int64>?

  /// Another read begins: what was not found may be there now.
  mutating func beginRead() { searched = nil }

  /// "" where nobody knows: such rows share a route per order all the same. Call inside the transaction that reads the change
  /// with this number.
  mutating func channel(
    of order: Value, near sequence: Int64, in database: Database, _ layout: PlatformLayout
  ) throws -> String {
    guard layout.knowsChannels, order != .null else { return "" }
    let present = try database.statement("SELECT channel FROM main.orders WHERE id = ?")
    present.bind(1, value: order)
    defer { present.reset() }
    if try present.step() { return present.text(0) }
    let number = Self.text(of: order)
    if let channel = deleted[number] { return channel }
    try search(near: sequence, in: database, layout)
    return deleted[number] ?? ""
  }

  private mutating func search(near sequence: Int64, in database: Database, _ layout: PlatformLayout) throws {
    if let searched, searched.contains(sequence) { return }
    guard let columns = layout.changes["orders"]?.before, let id = columns["id"], let channel = columns["channel"]
    else {
      return
    }
    let reach = CaptureLimits.deletionWindow
    let window = Self.sum(sequence, -reach)...Self.sum(sequence, reach)
    if deleted.count > CaptureLimits.rememberedDeletions { deleted = [:] }
    try database.query(
      """
      SELECT \(PlatformLayout.changeColumn(id)), \(PlatformLayout.changeColumn(channel)) FROM main.millrace_changes
      WHERE seq BETWEEN ? AND ? AND tbl = 'orders' AND op = 'D' ORDER BY seq
      """, [.integer(window.lowerBound), .integer(window.upperBound)]
    ) { deleted[Self.text(of: $0.value(0))] = $0.text(1) }
    // Changes that come soon after have been looked at on both sides, too.
    searched = sequence...Self.sum(sequence, reach / 2)
  }

  /// Numbers in the change table are the platform's, and anything may stand there.
  private static func sum(_ sequence: Int64, _ distance: Int64) -> Int64 {
    let (sum, isOutOfRange) = sequence.addingReportingOverflow(distance)
    return isOutOfRange ? (distance < 0 ? .min : .max) : sum
  }

  private static func text(of value: Value) -> String {
    switch value {
    case .integer(let number): String(number)
    case .real(let number): Int64(exactly: number).map { String($0) } ?? String(number)
    case .text(let text): text
    case .blob, .null: ""
    }
  }
}
