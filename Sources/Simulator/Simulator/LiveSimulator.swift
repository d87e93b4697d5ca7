internal import Files
package import Money
internal import SQLite

/// Keeps the fake source systems alive: new orders, status changes, stock counts, parcels, returns and log lines, written into
/// the files that `Simulator.build` made. Time comes from the caller. One thread at a time.
///
/// It stands for the shop's own application, so it is the one connection that checkpoints `platform.sqlite`; whoever
/// captures from that file must not.
package final class LiveSimulator {
  private let database: Database
  private var log: LiveLog
  private var random: Random
  private let stockLocations: [String]
  private let products: [(id: Int64, cents: Int)]
  private let customers: [LiveCustomer]
  private var openOrders: [Int64]
  private var openParcels: [Int64]
  private var nextOrder: Int64
  private var nextLine: Int64
  private var nextShipment: Int64
  private var returns: LiveReturns?
  private var ratesThrough = Int.min
  private var steps = 0
  private var texts = DayTexts(from: 0, through: 0)

  private struct LiveCustomer {
    var id: Int64
    var cuit: String?
    var country: String
    var address: String
    var currency: Int
  }

  /// Events written by a step, by kind.
  package struct Counts: Sendable, Equatable {
    package var logLines = 0
    package var orders = 0
    package var orderLines = 0
    package var statusChanges = 0
    package var stockCounts = 0
    package var shipments = 0
    package var returns = 0
    package var total: Int { logLines + orders + orderLines + statusChanges + stockCounts + shipments + returns }
  }

  /// Opens what `Simulator.build` left in the folder.
  package init(folder: String, seed: UInt64, countryRanges: CountryRanges) throws {
    let path = folder + "/platform.sqlite"
    guard Files.exists(path) else {
      throw SimulatorError(
        operation: "go on with a simulation", cause: "\(path) is not there", hint: "run millrace simulate first")
    }
    database = try Database(path, .readWrite)
    try database.useWriteAheadLog(.normal)
    random = Random(seed: seed, stream: 50)
    products = try database.rows(
      "SELECT id, CAST(round(CAST(base_price AS REAL) * 100) AS INTEGER) FROM products ORDER BY id"
    ) {
      ($0.int64(0), $0.int(1))
    }
    customers = try database.rows(
      "SELECT id, company_cuit, country, address FROM customers WHERE country IN (SELECT code FROM countries) ORDER BY id"
    ) { row in
      let country = row.text(2)
      return LiveCustomer(
        id: row.int64(0), cuit: row.optionalText(1), country: country, address: row.text(3),
        currency: Geography.countries.first { $0.code == country }?.currency ?? 0)
    }
    stockLocations = try database.rows("SELECT DISTINCT location FROM stock ORDER BY location") { $0.text(0) }
    guard !products.isEmpty, !customers.isEmpty, !stockLocations.isEmpty else {
      throw SimulatorError(
        operation: "go on with a simulation", cause: "\(path) has no products, customers or stock",
        hint: "run millrace simulate in an empty workspace")
    }
    openOrders = try database.rows("SELECT id FROM orders WHERE status='placed' ORDER BY id DESC LIMIT 10000") {
      $0.int64(0)
    }
    openParcels = try database.rows(
      "SELECT id FROM shipments WHERE status IN ('label_created','in_transit') ORDER BY id DESC LIMIT 10000"
    ) { $0.int64(0) }
    nextOrder = try (database.integer("SELECT max(id) FROM orders") ?? 0) + 1
    nextLine = try (database.integer("SELECT max(id) FROM order_items") ?? 0) + 1
    nextShipment = try (database.integer("SELECT max(id) FROM shipments") ?? 0) + 1
    returns = try LiveReturns(database, seed: seed)
    let users = try database.rows(
      "SELECT username, country FROM customers WHERE username IS NOT NULL ORDER BY id"
    ) { (name: $0.text(0), country: $0.text(1)) }
    log = LiveLog(
      folder: folder + "/weblogs", users: users, products: products.count, seed: seed, ranges: countryRanges)
  }

  /// Writes about `events` events of the moment `now`: database changes in one transaction, log lines in one append.
  /// Four in five are log lines. Moves the log files on when a new day has begun.
  @discardableResult
  package func step(events: Int, at now: Timestamp) throws -> Counts {
    let second = now.millis / 1_000
    let day = Days.day(ofSecond: second)
    texts = DayTexts(from: day, through: day)
    var counts = Counts()
    let wanted = max(0, min(events, SimulatorLimits.liveEventsPerStep))
    let lines = wanted * 4 / 5
    try database.write {
      try publishRates(day)
      // Returns come on top: they follow what else happens.
      while counts.total - counts.returns < wanted - lines { try change(at: second, day: day, &counts) }
    }
    try log.write(lines: lines, at: second)
    counts.logLines = lines
    steps += 1
    if steps % SimulatorLimits.liveStepsPerCheckpoint == 0 { try database.checkpointPassively() }
    return counts
  }

  /// Steps until told to stop, at about `ratePerSecond` events; what a slow moment left out is made up for.
  /// `wait` gets milliseconds to sleep.
  package func run(
    ratePerSecond: Int, now: () -> Timestamp, wait: (Int) -> Void, shouldStop: () -> Bool,
    progress: (Counts) -> Void = { _ in }
  ) throws {
    let start = now()
    var produced = 0
    while !shouldStop() {
      let moment = now()
      let due = Int(max(0, moment.millis - start.millis)) * max(0, ratePerSecond) / 1_000 - produced
      if due > 0 {
        let counts = try step(events: due, at: moment)
        produced += counts.total
        progress(counts)
      }
      // Ten steps a second: far below what anybody can see, and few enough to share a transaction.
      wait(100)
    }
    try finish()
  }

  /// Completes what a step held back and moves the write-ahead log into the database file.
  package func finish() throws {
    try log.finish()
    try database.checkpoint()
  }

  // MARK: Database changes

  /// Every day has its rates, like the days before.
  private func publishRates(_ day: Int) throws {
    guard ratesThrough < day else { return }
    try database.run(
      """
      INSERT OR IGNORE INTO exchange_rates(date, currency, rate)
      SELECT ?1, currency, rate FROM exchange_rates WHERE date = (SELECT max(date) FROM exchange_rates WHERE date < ?1)
      """, [.text(texts.date(day))])
    ratesThrough = day
  }

  private func change(at second: Int64, day: Int, _ counts: inout Counts) throws {
    let draw = random.below(100)
    switch draw {
    case ..<30: try placeOrder(at: second, day: day, &counts)
    case ..<55:
      guard !openOrders.isEmpty else { return try placeOrder(at: second, day: day, &counts) }
      let completed = try settleOrder(at: second)
      counts.statusChanges += 1
      if let completed, try returns?.follow(completed, at: texts.timestamp(second)) == true { counts.returns += 1 }
    case ..<80:
      try countStock(at: second)
      counts.stockCounts += 1
    default:
      guard !openParcels.isEmpty else { return try placeOrder(at: second, day: day, &counts) }
      try moveParcel(at: second)
      counts.shipments += 1
    }
  }

  private func placeOrder(at second: Int64, day: Int, _ counts: inout Counts) throws {
    let customer = random.pick(customers)
    let isB2B = customer.cuit != nil
    let isStore = !isB2B && customer.country == "US"
    let id = nextOrder
    nextOrder += 1
    let moment = texts.timestamp(second)
    let order = try database.statement(
      """
      INSERT INTO orders(id, company_cuit, customer_id, channel, store_id, order_type, status, order_date, currency,
        ship_to_country, ship_to_address, created_at, updated_at) VALUES(?,?,?,?,?,'sale','placed',?,?,?,?,?,?)
      """)
    order.bind(1, id)
    order.bind(2, customer.cuit)
    order.bind(3, customer.id)
    order.bind(4, isB2B ? "b2b" : isStore ? "store" : "ecommerce")
    if isStore { order.bind(5, 1) } else { order.bindNull(5) }
    order.bind(6, texts.date(day))
    order.bind(7, Geography.currencies[customer.currency].code)
    order.bind(8, isStore ? nil as String? : customer.country)
    order.bind(9, isStore ? nil as String? : customer.address)
    order.bind(10, moment)
    order.bind(11, moment)
    try order.run()
    counts.orders += 1
    let line = try database.statement(
      "INSERT INTO order_items(id, order_id, product_id, quantity, unit_price) VALUES(?,?,?,?,?)")
    let currency = Geography.currencies[customer.currency]
    for _ in 0..<random.within(1...3) {
      let product = random.pick(products)
      let minor = max(1, Int64(product.cents) * Int64(currency.minorPerCent) / 1_000_000)
      line.bind(1, nextLine)
      line.bind(2, id)
      line.bind(3, product.id)
      line.bind(4, random.within(1...(isB2B ? 12 : 3)))
      line.bind(5, Price(unscaled: minor, scale: currency.decimals).text)
      try line.run()
      nextLine += 1
      counts.orderLines += 1
    }
    openOrders.append(id)
    if !isB2B, !isStore {
      try shipOrder(id, to: customer.country, at: second, day: day)
      counts.shipments += 1
    }
  }

  private func shipOrder(_ order: Int64, to country: String, at second: Int64, day: Int) throws {
    let statement = try database.statement("INSERT INTO shipments VALUES(?,?,?,?,?,'label_created',?,?,?)")
    statement.bind(1, nextShipment)
    statement.bind(2, order)
    statement.bind(3, country == "CA" ? "Purolator" : random.pick(["DHL", "UPS"]))
    statement.bind(4, "standard")
    statement.bind(5, country)
    statement.bind(6, Days.text(day + 7))
    statement.bind(7, Price(unscaled: Int64(random.within(690...4_990)), scale: 2).text)
    statement.bind(8, texts.timestamp(second))
    try statement.run()
    openParcels.append(nextShipment)
    nextShipment += 1
  }

  /// Answers which order was completed; nil: one was cancelled.
  private func settleOrder(at second: Int64) throws -> Int64? {
    let position = random.below(openOrders.count)
    let id = openOrders[position]
    openOrders.swapAt(position, openOrders.count - 1)
    openOrders.removeLast()
    let isCancelled = random.chance(percent: 4)
    let statement = try database.statement("UPDATE orders SET status=?, cancel_reason=?, updated_at=? WHERE id=?")
    statement.bind(1, isCancelled ? "cancelled" : "completed")
    statement.bind(2, isCancelled ? random.pick(Order.cancelReasons) : nil as String?)
    statement.bind(3, texts.timestamp(second))
    statement.bind(4, id)
    try statement.run()
    return isCancelled ? nil : id
  }

  private func countStock(at second: Int64) throws {
    let statement = try database.statement(
      "UPDATE stock SET quantity=?, updated_at=? WHERE product_id=? AND location=?")
    statement.bind(1, random.below(400))
    statement.bind(2, texts.timestamp(second))
    statement.bind(3, random.pick(products).id)
    statement.bind(4, random.pick(stockLocations))
    try statement.run()
  }

  private func moveParcel(at second: Int64) throws {
    let position = random.below(openParcels.count)
    let id = openParcels[position]
    let isDelivered = random.chance(percent: 50)
    if isDelivered {
      openParcels.swapAt(position, openParcels.count - 1)
      openParcels.removeLast()
    }
    let statement = try database.statement("UPDATE shipments SET status=?, event_time=? WHERE id=?")
    statement.bind(1, isDelivered ? "delivered" : "in_transit")
    statement.bind(2, texts.timestamp(second))
    statement.bind(3, id)
    try statement.run()
  }
}
