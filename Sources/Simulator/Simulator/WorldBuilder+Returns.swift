extension WorldBuilder {
  /// An order that was returned comes back as a whole. Of the lines that were delivered and kept, one in twelve comes
  /// back some days later, with as many pieces as the customer likes.
  mutating func makeReturns() {
    var random = Random(seed: plan.seed, stream: 8)
    let arrivals = arrivals()
    for (index, order) in world.orders.enumerated() where !order.isPurchase {
      for line in order.lines {
        let quantity = world.lines[line].quantity
        if order.status == .returned {
          sendBack(quantity, of: line, index, at: order.updatedAt, &random)
        } else if let arrival = arrivals[index], random.below(12) == 0 {
          let pieces = Int32(random.within(1...Int(quantity)))
          sendBack(pieces, of: line, index, at: arrival + Int64(random.within(86_400...20 * 86_400)), &random)
        }
      }
    }
    world.returns.sort { ($0.returnedAt, $0.line) < ($1.returnedAt, $1.line) }
  }

  /// When each order that is completed was with its customer: orders of the web shop with their parcel, others when
  /// they were completed.
  private func arrivals() -> [Int64?] {
    var arrivals = world.orders.map { order in
      order.status == .completed && order.channel != .ecommerce ? order.updatedAt : nil
    }
    for parcel in world.shipments where parcel.status == "delivered" {
      guard world.orders[parcel.order - 1].status == .completed else { continue }
      arrivals[parcel.order - 1] = parcel.eventTime
    }
    return arrivals
  }

  /// What would come back after the last day has not come back.
  private mutating func sendBack(
    _ quantity: Int32, of line: Int, _ order: Int, at moment: Int64, _ random: inout Random
  ) {
    let reason = random.below(Return.reasons.count)
    guard moment < end else { return }
    world.returns.append(
      Return(
        order: order, line: line, quantity: quantity, reason: reason,
        refund: TruthMoney.amount(
          quantity, world.lines[line].price, currency: Int(world.orders[order].currency)),
        returnedAt: moment))
  }
}
