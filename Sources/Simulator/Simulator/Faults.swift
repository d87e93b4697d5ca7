/// What went wrong on purpose, by the codes under which it must show up.
struct PlantedFaults {
  var quarantine: [String: Int] = [:]
  /// Of these, what a later sheet of the same list settles.
  var settled: [String: Int] = [:]
  var flags: [String: Int] = [:]
  /// How often each kind was planted, also those without a code.
  var kinds: [String: Int] = [:]

  mutating func quarantined(_ code: String, _ count: Int = 1) { quarantine[code, default: 0] += count }
  mutating func flagged(_ code: String, _ count: Int = 1) { flags[code, default: 0] += count }
  mutating func planted(_ kind: String, _ count: Int = 1) { kinds[kind, default: 0] += count }
}

/// Plants faults into finished data, so that everything around a fault is what it would be without.
/// A row has at most one fault: what must become of it stays certain.
struct FaultPlanter {
  private let rate: Double
  private var random: Random
  private(set) var planted = PlantedFaults()

  init(plan: SimulationPlan) {
    rate = plan.faultRate
    random = Random(seed: plan.seed, stream: 40)
  }

  /// Rows of one of `kinds` faults that share the rate: at least one, or a lucky seed proves nothing.
  private func count(_ rows: Int, kinds: Int) -> Int {
    rate > 0 ? max(1, Int(Double(rows) * rate / Double(kinds))) : 0
  }

  // MARK: People

  mutating func plant(into world: inout World) {
    guard rate > 0 else { return }
    plantCompanies(&world)
    plantCustomers(&world)
    plantOrders(&world)
    // What becomes of an order with a fault is certain, and what came back of all others stays what it was.
    world.returns.removeAll { [orders = world.orders] in orders[$0.order].fault != .none }
  }

  private mutating func plantCompanies(_ world: inout World) {
    let open = world.companies.indices.filter { !world.companies[$0].isNaturalPerson }
    for position in random.distinct(count(open.count, kinds: 1), below: open.count) {
      let index = open[position]
      let old = world.companies[index]
      guard let last = old.digits.last?.wholeNumberValue else { continue }
      let wrong = String((last + 1) % 10)
      let digits = old.digits.dropLast() + wrong
      guard !world.companies.contains(where: { $0.digits == digits }) else { continue }
      world.companies[index].digits = String(digits)
      world.companies[index].cuit = old.cuit.dropLast() + wrong
      world.companies[index].hasWrongCheckDigit = true
      planted.flagged("cuit.checkDigit")
      planted.planted("wrong CUIT check digit")
    }
  }

  private mutating func plantCustomers(_ world: inout World) {
    let each = count(world.customers.count, kinds: 3)
    // Pairs need two customers each.
    let chosen = random.distinct(min(each * 5, world.customers.count), below: world.customers.count)
    let groups = max(1, min(each, chosen.count / 5))
    for group in 0..<groups where chosen.count >= group * 5 + 5 {
      let members = chosen[(group * 5)..<(group * 5 + 5)].map { $0 }
      // The other person has another name and birthday already; only the number is the same.
      if world.customers[members[0]].fullName == world.customers[members[1]].fullName {
        world.customers[members[1]].fullName += " Jr."
      }
      world.customers[members[1]].document = world.customers[members[0]].document
      planted.flagged("customer.documentTwoNames", 2)
      planted.planted("document with two names")

      world.customers[members[3]].email = world.customers[members[2]].email
      planted.flagged("customer.sharedEmail", 2)
      planted.planted("shared e-mail")

      var card = WorldBuilder.card(&random)
      let last = card.removeLast().wholeNumberValue ?? 0
      world.customers[members[4]].card = card + String((last + 1 + random.below(8)) % 10)
      world.customers[members[4]].hasInvalidCard = true
      planted.flagged("card.invalid")
      planted.planted("invalid card")
    }
  }

  // MARK: Orders

  private mutating func plantOrders(_ world: inout World) {
    let kinds: [OrderFault] = [
      .orphanProduct, .unknownRate, .absurdQuantity, .negativePrice, .unknownCurrency, .impossibleDate, .copied,
    ]
    let each = count(world.orders.count, kinds: kinds.count)
    // A purchase and its sale refer to each other; both stay whole.
    let parents = Set(world.orders.map(\.parent))
    var candidates = random.distinct(world.orders.count, below: world.orders.count).filter {
      !world.orders[$0].isPurchase && world.orders[$0].parent == 0 && !parents.contains(Int64($0 + 1))
    }
    for kind in kinds {
      var left = each
      var rest: [Int] = []
      for index in candidates {
        if left > 0, suits(world.orders[index], kind) {
          plant(kind, at: index, &world)
          left -= 1
        } else {
          rest.append(index)
        }
      }
      candidates = rest
    }
  }

  private func suits(_ order: Order, _ kind: OrderFault) -> Bool {
    switch kind {
    // The order's other lines must stay in the reports.
    case .absurdQuantity, .negativePrice: order.lineCount >= 2
    case .copied: order.status == .completed && order.customer >= 0
    // A price in yen has no cents to be read as francs.
    case .unknownRate: Geography.currencies[Int(order.currency)].decimals == 2
    default: true
    }
  }

  private mutating func plant(_ kind: OrderFault, at index: Int, _ world: inout World) {
    world.orders[index].fault = kind
    let line = world.orders[index].lines.lowerBound
    switch kind {
    case .none: break
    case .orphanProduct:
      world.lines[line].product = Int32(world.products.count + 5_000 + random.below(20))
      planted.planted("orphan product")
    case .unknownRate:
      world.orders[index].currency = Int8(Geography.chf)
      planted.planted("unknown rate")
    case .absurdQuantity:
      world.lines[line].quantity = Int32(random.within(1_001...90_000))
      world.lines[line].isRejected = true
      planted.quarantined("order.absurdQuantity")
      planted.planted("absurd quantity")
    case .negativePrice:
      world.lines[line].price.unscaled = -world.lines[line].price.unscaled
      world.lines[line].isRejected = true
      planted.quarantined("order.negativePrice")
      planted.planted("negative price")
    case .unknownCurrency:
      world.orders[index].currency = Int8(Geography.unknownCurrency)
      planted.quarantined("money.unknownCurrency")
      planted.planted("unknown currency")
    case .impossibleDate:
      planted.quarantined("date.impossible")
      planted.planted("impossible date")
    case .copied:
      var copy = world.orders[index]
      // Sent again some minutes later, within the same day.
      let dayEnd = Int64(copy.day + 1) * Days.secondsPerDay - 1
      copy.createdAt = min(copy.createdAt + 420, dayEnd)
      copy.updatedAt = max(copy.updatedAt, copy.createdAt)
      copy.note = nil
      let lines = world.lines[copy.lines]
      copy.firstLine = Int32(world.lines.count)
      world.lines.append(contentsOf: lines)
      world.orders.append(copy)
      planted.flagged("order.sameContent", 2)
      planted.planted("same order under a new id")
    }
  }

  // MARK: Web logs

  mutating func plant(into traffic: inout Traffic) {
    guard rate > 0 else { return }
    let kinds = 9
    let each = count(traffic.requests.count, kinds: kinds)
    let chosen = random.distinct(traffic.requests.count, below: traffic.requests.count)
    var position = 0
    func take(_ wanted: Int, where suits: (Request) -> Bool = { _ in true }) -> [Int] {
      var taken: [Int] = []
      while taken.count < wanted, position < chosen.count {
        if suits(traffic.requests[chosen[position]]) { taken.append(chosen[position]) }
        position += 1
      }
      return taken
    }

    for (name, delay) in [("late by an hour", 3_600), ("late by a day", 86_400), ("late by 40 days", 3_456_000)] {
      for index in take(each) {
        traffic.requests[index].time -= Int64(delay)
        planted.planted(name)
      }
    }
    for kind in 0..<Agent.kindsOfGarbage {
      for index in take(max(1, each / Agent.kindsOfGarbage), where: { Agent.garbled(Int($0.agent), kind: 0) != nil }) {
        traffic.requests[index].agent = Int16(Agent.garbled(Int(traffic.requests[index].agent), kind: kind) ?? 0)
        planted.flagged("userAgent.invalidBytes")
        planted.planted("garbled user agent")
      }
    }
    for (form, name) in [
      (LineForm.truncated, "truncated line"), (.withoutTime, "line without its time"),
      (.withoutRequest, "line without its request"),
    ] {
      for index in take(each) {
        traffic.requests[index].form = form
        planted.quarantined("weblog.unparsable")
        planted.planted(name)
      }
    }
    for index in take(each) {
      traffic.requests.append(traffic.requests[index])
      planted.planted("duplicated line")
    }
  }

  // MARK: Sheets

  mutating func plant(into sheets: inout [LeadSheet]) {
    guard rate > 0, !sheets.isEmpty else { return }
    let each = count(sheets.count, kinds: 4)
    // The first and the last sheet stay good: something to compare with, and a known end.
    let chosen = random.distinct(sheets.count - 2, below: sheets.count - 2).map { $0 + 1 }
    let forms: [(LeadSheet.Form, String)] = [
      (.renamedColumn, "renamed column"), (.missingColumn, "missing column"), (.addedColumn, "added column"),
    ]
    for (rank, (form, name)) in forms.enumerated() {
      for index in chosen.dropFirst(rank * each).prefix(each) {
        sheets[index].form = form
        planted.planted(name)
        if !sheets[index].isReadable {
          planted.quarantined("sheet.missingColumn", sheets[index].rows.count)
          planted.settled["sheet.missingColumn", default: 0] += sheets[index].rows.count
        }
      }
    }
    let good = sheets.indices.filter { sheets[$0].form == .usual }
    for index in random.distinct(each, below: good.count).map({ good[$0] }).sorted(by: >) {
      var again = sheets[index]
      again.isResent = true
      sheets.insert(again, at: index + 1)
      planted.planted("sheet sent twice")
    }
  }

  // MARK: Spend

  mutating func plant(into advertising: inout SimulatedAdvertising) {
    guard rate > 0, !advertising.spend.isEmpty else { return }
    let kinds = SpendFault.allCases
    let each = count(advertising.spend.count, kinds: kinds.count + 1)
    let chosen = random.distinct(each * (kinds.count + 1), below: advertising.spend.count)
    for (rank, index) in chosen.prefix(each * kinds.count).enumerated() {
      let fault = kinds[rank / each]
      advertising.spend[index].fault = fault
      if let code = fault.code { planted.quarantined(code) }
      planted.planted(fault.rawValue)
    }
    // Rows that the month's own sheet has too, so that nothing is missing without this one.
    advertising.unusable = chosen.dropFirst(each * kinds.count).map { advertising.spend[$0] }
    planted.quarantined(SpendFault.unusableCode, advertising.unusable.count)
    planted.planted(SpendFault.unusableSheet)
  }
}
