internal import Entity
internal import Events
internal import Money

// Keys of rows and of what they refer to, in one place: events of format 1 have none of their own, and their rows name
// others by number.

/// A line of an order, as it is folded.
typealias FoldedLine = OrderLine

extension Event where P == PersonToken {
  /// The event's own key; in format 1 that of its row.
  var rowKey: RowKey<PersonToken>? {
    if let key { return key }
    switch payload {
    case .order(let change): return (change.after?.orderID ?? change.before?.orderID).map { RowKey($0) }
    case .orderLine(let change): return (change.after?.lineID ?? change.before?.lineID).map { RowKey($0) }
    case .product(let change): return (change.after?.productID ?? change.before?.productID).map { RowKey($0) }
    case .customer(let change): return (change.after?.customerID ?? change.before?.customerID).map { RowKey($0) }
    case .store(let change): return (change.after?.storeID ?? change.before?.storeID).map { RowKey($0) }
    case .company(let change): return (change.after ?? change.before).map { RowKey($0.cuit.keyPart) }
    case .supplierPrice(let change):
      return (change.after ?? change.before).map { row in
        RowKey(row.company.keyPart, [.integer(row.productID), .text(row.validFrom.text)])
      }
    case .country(let change): return (change.after ?? change.before).map { RowKey(.text($0.code)) }
    case .exchangeRate(let change):
      return (change.after ?? change.before).map { RowKey(.text($0.date.text), [.text($0.currency)]) }
    case .lead(let change): return (change.after ?? change.before).map { RowKey(.text($0.leadID)) }
    case .spend(let change):
      return (change.after ?? change.before).map { row in
        RowKey(.text(row.date.text), [.text(row.market), .text(row.channel), .text(row.campaign)])
      }
    default: return nil
    }
  }
}

extension Guarded where P == PersonToken {
  fileprivate var keyPart: RowKey<PersonToken>.Part {
    switch self {
    case .open(let text): .text(text)
    case .personal(let token): .personal(token)
    }
  }
}

extension Order where P == PersonToken {
  var customerKey: RowKey<PersonToken>? { customerID.map { RowKey($0) } }
  var storeKey: RowKey<PersonToken>? { storeID.map { RowKey($0) } }
  var parentOrderKey: RowKey<PersonToken>? { parentOrderID.map { RowKey($0) } }
}

extension OrderLine {
  var orderKey: RowKey<PersonToken> { RowKey(orderID) }
  var productKey: RowKey<PersonToken> { RowKey(productID) }
}

extension SupplierPrice where P == PersonToken {
  var productKey: RowKey<PersonToken> { RowKey(productID) }
}
