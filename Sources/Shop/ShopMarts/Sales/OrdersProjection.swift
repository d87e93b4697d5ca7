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
///
/// A cancellation or return is booked when the order's state changed, which an older version of the row may know better
/// than the newest one: so what closed versions say is kept beside the order (`ClosingMark`).
package final class OrdersProjection: ShopProjection {
  package static let name = "orders"
  package static let version = 4
  package static let topics = [Topic.orders]
  package static let personalFields: PersonalFields = [.taxNumber]

  var orders = PendingRows<Order<PersonToken>>()
  var lines = PendingRows<OrderLine<PersonToken>>()
  /// What versions of orders say of their closing, also superseded ones.
  var marks: [(name: RowName, mark: ClosingMark)] = []

  package init() {}

  package var pendingCount: Int { orders.count + lines.count + marks.count }

  package func discard() {
    orders.removeAll()
    lines.removeAll()
    marks.removeAll(keepingCapacity: true)
  }

  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    switch input.event.payload {
    case .order(let change):
      let key = try input.event.changedKey(change)
      let passedOver = orders.keep(change, key, of: input.event)
      let isGone = input.event.operation == .delete
      let closing = isGone ? nil : ClosingMark(change, input.event.operation, input.event.version)
      if closing != nil || passedOver != nil {
        keepMarks(closing, passedOver, RowName(system: input.event.source, key: key))
      }
    case .orderLine(let change):
      let key = try input.event.changedKey(change)
      if input.event.operation != .delete, let line = change.after {
        try OrdersProjection.refuseAbsurdAmount(line.quantity, line.netPrice)
      }
      lines.keep(change, key, of: input.event)
    default: return
    }
  }

  /// Of a version that is closed, and of an open one for which another stands in the batch.
  private func keepMarks(
    _ closing: ClosingMark?, _ passedOver: PendingRows<Order<PersonToken>>.State?, _ name: RowName
  ) {
    if let closing { marks.append((name, closing)) }
    if let passedOver, let order = passedOver.change?.after, !ClosingMark.isClosed(order.status) {
      marks.append((name, ClosingMark(open: order, passedOver.version)))
    }
  }

  /// Whatever the order's currency will be, the amount must fit; four decimals is the most that a currency has.
  private static func refuseAbsurdAmount(_ quantity: Int64, _ netPrice: Decimal64?) throws(QuarantineReason) {
    guard quantity.magnitude <= SalesLimits.lineQuantity else {
      throw QuarantineReason("order.absurdQuantity", "quantity above the limit of a line")
    }
    guard let amount = netPrice?.minor(times: quantity, exponent: 4),
      amount.magnitude <= SalesLimits.lineAmount.magnitude
    else { throw QuarantineReason("money.badAmount", "quantity × unit_price above the limit of a line") }
  }
}
