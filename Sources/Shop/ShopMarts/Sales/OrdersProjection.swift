package import Entity
internal import Events
internal import Marts
internal import Money
package import Projections
internal import SQLite

/// Orders, their lines and the ledger.
///
/// What an order adds to the ledger depends on its row and on all its lines, whatever partition they came by. So a
/// flush reads the stored state of every order that a pending change touches, and books the difference between the
/// order's new and its stored contribution: an event that comes twice changes nothing.
package final class OrdersProjection: ShopProjection {
  package static let name = "orders"
  package static let version = 3
  package static let topics = [Topic.orders]
  package static let personalFields: PersonalFields = [.taxNumber]

  struct Pending<Row> {
    var version: StateVersion
    /// nil: deleted.
    var row: Row?
    var flags: [String]
  }

  var orders: [RowName: Pending<Order<PersonToken>>] = [:]
  var lines: [RowName: Pending<OrderLine<PersonToken>>] = [:]

  package init() {}

  package var pendingCount: Int { orders.count + lines.count }

  package func discard() {
    orders.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
  }

  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    switch input.event.payload {
    case .order(let change):
      let newest = try input.event.rowChange(change)
      OrdersProjection.keep(newest, of: input.event, in: &orders)
    case .orderLine(let change):
      let newest = try input.event.rowChange(change)
      if let line = newest.state { try OrdersProjection.refuseAbsurdAmount(line) }
      OrdersProjection.keep(newest, of: input.event, in: &lines)
    default: return
    }
  }

  private static func keep<Row>(
    _ change: RowChange<Row>, of event: Event<PersonToken>, in pending: inout [RowName: Pending<Row>]
  ) {
    if let known = pending[change.name], known.version >= event.version { return }
    pending[change.name] = Pending(
      version: event.version, row: change.state, flags: change.isDelete ? [] : event.flags)
  }

  /// Whatever the order's currency will be, the amount must fit; four decimals is the most that a currency has.
  private static func refuseAbsurdAmount(_ line: OrderLine<PersonToken>) throws(QuarantineReason) {
    guard line.quantity.magnitude <= SalesLimits.lineQuantity else {
      throw QuarantineReason("order.absurdQuantity", "quantity above the limit of a line")
    }
    guard let amount = line.netPrice?.minor(times: line.quantity, exponent: 4),
      amount.magnitude <= SalesLimits.lineAmount.magnitude
    else { throw QuarantineReason("money.badAmount", "quantity × unit_price above the limit of a line") }
  }
}
