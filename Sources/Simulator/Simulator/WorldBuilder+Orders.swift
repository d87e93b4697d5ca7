extension WorldBuilder {
  /// Share of a day by weekday (Monday first) and by month: retail's weekends and winter.
  private static let weekdayWeights = [100, 98, 100, 104, 118, 92, 68]
  private static let monthWeights = [86, 82, 92, 94, 98, 96, 94, 100, 98, 102, 128, 140]

  mutating func makeOrders() {
    var random = Random(seed: plan.seed, stream: 5)
    let people = People(world)
    // A drop-shipped sale brings its purchase along; about 1 order in 84 does.
    world.orders.reserveCapacity(plan.orders + 1)
    world.lines.reserveCapacity(plan.orders * 5 / 2)
    let perDay = ordersPerDay()
    for (offset, count) in perDay.enumerated() {
      let day = world.firstDay + offset
      var seconds = (0..<count).map { _ in Int64(random.within(7 * 3_600...22 * 3_600)) }
      seconds.sort()
      var made = 0
      while made < count {
        let second = Int64(day) * Days.secondsPerDay + seconds[made]
        made += makeOrder(at: second, day: day, room: count - made, people, &random)
      }
    }
    makeShipments()
  }

  private func ordersPerDay() -> [Int] {
    let weights = (0..<plan.days).map { offset -> Int in
      let day = world.firstDay + offset
      return WorldBuilder.weekdayWeights[Days.weekday(day)] * WorldBuilder.monthWeights[Days.civil(day).month - 1]
    }
    return share(plan.orders, by: weights)
  }

  /// Splits a total by weights without losing any to rounding.
  private func share(_ total: Int, by weights: [Int]) -> [Int] {
    let sum = max(1, weights.reduce(0, +))
    var seen = 0
    var given = 0
    return weights.map { weight in
      seen += weight
      let due = Int((Int64(total) * Int64(seen)) / Int64(sum)) - given
      given += due
      return due
    }
  }

  /// Who may order where.
  private struct People {
    /// Of client companies, by company.
    var companys: [Int]
    var abroad: [Int]
    var american: [Int]

    init(_ world: World) {
      companys = world.customers.indices.filter { world.customers[$0].company != nil }
      let shop = world.customers.indices.filter { world.customers[$0].company == nil }
      abroad = shop.filter { ["CA", "GB", "DE"].contains(Geography.countries[world.customers[$0].country].code) }
      american = shop.filter { Geography.countries[world.customers[$0].country].code == "US" }
    }
  }

  /// Makes one order, or a drop-shipped pair; answers how many.
  private mutating func makeOrder(
    at second: Int64, day: Int, room: Int, _ people: People, _ random: inout Random
  ) -> Int {
    let draw = random.below(100)
    let channel: SalesChannel = draw < 60 ? .b2b : draw < 85 ? .ecommerce : .store
    var order = Order(
      company: -1, customer: -1, store: -1, channel: channel, status: .completed, day: Int32(day), currency: 0,
      shipTo: -1,
      createdAt: second, updatedAt: second, firstLine: Int32(world.lines.count), lineCount: 0)
    switch channel {
    case .b2b:
      let customer = random.pick(people.companys)
      let company = world.customers[customer].company ?? 0
      order.customer = Int32(customer)
      order.company = Int32(company)
      order.currency = Int8(Geography.countries[world.companies[company].country].currency)
      order.shipTo = Int8(world.customers[customer].country)
    case .ecommerce:
      let customer = random.pick(people.abroad)
      order.customer = Int32(customer)
      order.currency = Int8(Geography.countries[world.customers[customer].country].currency)
      order.shipTo = Int8(world.customers[customer].country)
    case .store:
      order.store = Int32(random.below(world.stores.count))
      // One in ten walks in without a name.
      if !random.chance(percent: 10) { order.customer = Int32(random.pick(people.american)) }
    }
    settle(&order, &random)
    let lines = makeLines(order, &random)
    if random.chance(percent: 3) { order.note = note(&random) }

    let isDropShipped = channel == .b2b && room > 1 && random.below(50) == 0
    if isDropShipped {
      let supplier = world.products[Int(lines[0].product) - 1].supplier
      var purchase = order
      purchase.isPurchase = true
      purchase.company = Int32(supplier)
      purchase.status = .completed
      purchase.cancelReason = -1
      purchase.note = nil
      purchase.currency = Int8(Geography.countries[world.companies[supplier].country].currency)
      purchase.updatedAt = min(second + 86_400, end - 1)
      let bought = lines.map { line in
        let cents = world.products[Int(line.product) - 1].basePriceCents * 7 / 10
        return Line(
          product: line.product, quantity: line.quantity, price: price(cents: cents, currency: Int(purchase.currency)))
      }
      append(purchase, bought)
      order.parent = Int64(world.orders.count)
    }
    append(order, lines)
    return isDropShipped ? 2 : 1
  }

  /// The first moment after the simulated days.
  var end: Int64 { Int64(world.lastDay + 1) * Days.secondsPerDay }

  /// 93 % completed, 3 % cancelled, 4 % returned after 3 to 7 days; what has not happened by the last day is still
  /// placed.
  private func settle(_ order: inout Order, _ random: inout Random) {
    let draw = random.below(100)
    let status: OrderStatus = draw < 93 ? .completed : draw < 96 ? .cancelled : .returned
    let wait =
      switch status {
      case .returned: Int64(random.within(3 * 86_400...7 * 86_400))
      case .cancelled: Int64(random.within(600...5 * 86_400))
      default: Int64(order.channel == .store ? random.within(1...60) : random.within(3_600...3 * 86_400))
      }
    let reason = Int8(random.below(3))
    guard order.createdAt + wait < end else {
      order.status = status == .returned ? .completed : .placed
      order.updatedAt = order.createdAt
      return
    }
    order.status = status
    order.updatedAt = order.createdAt + wait
    if status == .cancelled { order.cancelReason = reason }
  }

  private mutating func makeLines(_ order: Order, _ random: inout Random) -> [Line] {
    let isB2B = order.channel == .b2b
    let count = random.within(1...(isB2B ? 4 : 3))
    var lines: [Line] = []
    lines.reserveCapacity(count)
    for _ in 0..<count {
      // Two draws, the smaller one: a few products sell best.
      let product = min(random.below(world.products.count), random.below(world.products.count))
      let quantity = isB2B ? random.within(1...12) : random.within(1...4)
      let cents = world.products[product].basePriceCents * random.within(isB2B ? 88...108 : 98...122) / 100
      var price = price(cents: max(1, cents), currency: Int(order.currency))
      if isB2B, random.chance(percent: 3) {
        // Bulk prices have fractions of a minor unit, so a line's amount has to be rounded.
        price = Price(unscaled: price.unscaled * 100 + Int64(random.pick([25, 50, 75])), scale: price.scale + 2)
      }
      lines.append(Line(product: Int32(product + 1), quantity: Int32(quantity), price: price))
    }
    while !contents.insert(fingerprint(order, lines)).inserted {
      lines[0].quantity += 1
      if lines[0].quantity > 900 {
        lines[0] = Line(product: lines[0].product % Int32(world.products.count) + 1, quantity: 1, price: lines[0].price)
      }
    }
    return lines
  }

  /// Hash of customer, day, products and quantities: equal for all orders that any sensible rule could call the same.
  private func fingerprint(_ order: Order, _ lines: [Line]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ value: Int64) {
      hash = (hash ^ UInt64(bitPattern: value)) &* 0x0000_0100_0000_01b3
      hash ^= hash >> 29
    }
    mix(Int64(order.customer))
    mix(Int64(order.day))
    for line in lines.sorted(by: { ($0.product, $0.quantity) < ($1.product, $1.quantity) }) {
      mix(Int64(line.product))
      mix(Int64(line.quantity))
    }
    return hash
  }

  private mutating func append(_ order: Order, _ lines: [Line]) {
    var order = order
    order.firstLine = Int32(world.lines.count)
    order.lineCount = Int32(lines.count)
    world.lines.append(contentsOf: lines)
    world.orders.append(order)
  }

  /// People type cards and verification values into free text; a capture that reads notes is found out by these.
  private func note(_ random: inout Random) -> String {
    if random.chance(percent: 25) {
      let verification = Days.padded(random.below(1_000), 3)
      return
        "Customer called: charge card \(WorldBuilder.card(&random)), CVV \(verification), exp \(random.within(1...12))/29"
    }
    return random.pick(Words.harmlessNotes)
  }

  private mutating func makeShipments() {
    var random = Random(seed: plan.seed, stream: 7)
    for (index, order) in world.orders.enumerated() where order.channel == .ecommerce && order.status != .cancelled {
      let country = Int(order.shipTo)
      let carrier = random.pick(
        Geography.countries[country].code == "CA" ? ["Purolator", "Purolator", "UPS", "DHL"] : ["DHL", "DHL", "UPS"])
      let days = random.within(2...9)
      let delivered = order.createdAt + Int64(days) * 86_400 + Int64(random.below(36_000))
      let service = random.chance(percent: 25) ? "express" : "standard"
      let promised = Int(order.day) + (service == "express" ? 3 : 7)
      let cost = random.within(690...4_990)
      var status = "delivered"
      var time = delivered
      if delivered >= end {
        status = order.createdAt + 2 * 86_400 < end ? "in_transit" : "label_created"
        time = min(order.createdAt + (status == "in_transit" ? 2 * 86_400 : 3_600), end - 1)
      } else if random.chance(percent: 1) {
        status = "lost"
      }
      world.shipments.append(
        Shipment(
          order: index + 1, carrier: carrier, service: service, country: country, status: status, promised: promised,
          costCents: cost, eventTime: time))
    }
  }
}
