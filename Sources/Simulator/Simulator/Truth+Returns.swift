extension Truth {
  /// What came back in the last twelve months, by the month in which it did.
  func productReturns() -> Report {
    struct Key: Hashable {
      var month: String
      var reason: String
      var currency: String
    }
    struct Row {
      var returns: Int64 = 0
      var units: Int64 = 0
      var refund: Int64 = 0
    }
    var rows: [Key: Row] = [:]
    for entry in world.returns {
      let day = Days.day(ofSecond: entry.returnedAt)
      guard rollingYear.contains(day) else { continue }
      let key = Key(
        month: month(day), reason: Return.reasons[entry.reason], currency: currencyCode(world.orders[entry.order]))
      var row = rows[key] ?? Row()
      row.returns += 1
      row.units += Int64(entry.quantity)
      row.refund += entry.refund
      rows[key] = row
    }
    let sorted = rows.sorted {
      ($0.key.month, $0.key.reason, $0.key.currency) < ($1.key.month, $1.key.reason, $1.key.currency)
    }
    return Report(
      key: "returns", name: "returns",
      rows: sorted.map { key, row in
        .object([
          ("month", .text(key.month)), ("reason", .text(key.reason)), ("currency", .text(key.currency)),
          ("returns", .integer(row.returns)), ("units", .integer(row.units)), ("refund_minor", .integer(row.refund)),
        ])
      })
  }
}
