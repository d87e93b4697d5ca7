internal import SQLite

/// Writes the platform database. Rows go in in a fixed order and nothing depends on the clock, so equal worlds give
/// equal bytes.
struct PlatformWriter {
  let world: World
  let texts: DayTexts

  func write(to path: String, progress: (Double) -> Void) throws {
    do {
      let database = try Database(path, .readWriteCreate)
      // A half-built file is thrown away anyway, so nothing is journalled or synced until it is complete.
      try database.execute(
        "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE")
      try database.write {
        try database.execute(PlatformSchema.sql)
        try writeCatalog(database)
        progress(0.1)
        try writeOrders(database, progress: progress)
        try writeLines(database)
        progress(0.9)
        try writeShipments(database)
        try writeStock(database)
        try writeReturns(database)
        try database.execute("CREATE INDEX order_items_by_order ON order_items(order_id)")
      }
    }
    // Readers must not block the shop that goes on selling, nor it them: write-ahead logging from now on.
    do {
      let database = try Database(path, .readWrite)
      try database.useWriteAheadLog(.full)
      try database.checkpoint()
    }
    // Connections of this program never clean up when they close; both files are empty now, and nobody else knows them.
    try OutputFile.remove(path + "-wal")
    try OutputFile.remove(path + "-shm")
  }

  private func cents(_ amount: Int) -> String { Price(unscaled: Int64(amount), scale: 2).text }

  private func writeCatalog(_ database: Database) throws {
    try writeParties(database)
    try writeGoods(database)
    let rate = try database.statement("INSERT INTO exchange_rates VALUES(?,?,?)")
    for day in world.firstDay...world.lastDay {
      for (index, currency) in Geography.currencies.enumerated() {
        guard let value = world.rate(currency: index, day: day) else { continue }
        rate.bind(1, texts.date(day))
        rate.bind(2, currency.code)
        rate.bind(3, value.text)
        try rate.run()
      }
    }
  }

  /// Countries, companies, customers.
  private func writeParties(_ database: Database) throws {
    let country = try database.statement("INSERT INTO countries VALUES(?,?)")
    for index in world.countries {
      country.bind(1, Geography.countries[index].code)
      country.bind(2, Geography.countries[index].name)
      try country.run()
    }
    let company = try database.statement("INSERT INTO companies VALUES(?,?,?,?,?)")
    for row in world.companies {
      company.bind(1, row.cuit)
      company.bind(2, row.name)
      company.bind(3, row.isSupplier ? "supplier" : "client")
      company.bind(4, Geography.countries[row.country].code)
      company.bind(5, row.login)
      try company.run()
    }
    let customer = try database.statement("INSERT INTO customers VALUES(?,?,?,?,?,?,?,?,?,?,?)")
    for (index, row) in world.customers.enumerated() {
      customer.bind(1, index + 1)
      customer.bind(2, row.company.map { world.companies[$0].cuit })
      customer.bind(3, row.document)
      customer.bind(4, row.username)
      customer.bind(5, row.fullName)
      customer.bind(6, row.email)
      customer.bind(7, row.phone)
      customer.bind(8, Days.text(row.birthDay))
      customer.bind(9, Geography.countries[row.country].code)
      customer.bind(10, row.address)
      customer.bind(11, row.card)
      try customer.run()
    }
  }

  /// Stores, products, and what companies pay for them.
  private func writeGoods(_ database: Database) throws {
    let store = try database.statement("INSERT INTO stores VALUES(?,?,?)")
    for (index, row) in world.stores.enumerated() {
      store.bind(1, index + 1)
      store.bind(2, row.city)
      store.bind(3, row.state)
      try store.run()
    }
    let product = try database.statement("INSERT INTO products VALUES(?,?,?,?,?)")
    for (index, row) in world.products.enumerated() {
      product.bind(1, index + 1)
      product.bind(2, row.name)
      product.bind(3, Words.categories[row.category].name)
      product.bind(4, world.companies[row.supplier].cuit)
      product.bind(5, cents(row.basePriceCents))
      try product.run()
    }
    let catalog = try database.statement("INSERT INTO company_catalogs VALUES(?,?,?,?,?)")
    for row in world.catalogs {
      catalog.bind(1, world.companies[row.company].cuit)
      catalog.bind(2, row.product)
      catalog.bind(3, row.price.text)
      catalog.bind(4, Geography.currencies[row.currency].code)
      catalog.bind(5, Days.text(row.validFrom))
      try catalog.run()
    }
  }

  private func writeOrders(_ database: Database, progress: (Double) -> Void) throws {
    let statement = try database.statement("INSERT INTO orders VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
    for (index, order) in world.orders.enumerated() {
      statement.bind(1, index + 1)
      if order.company >= 0 {
        statement.bind(2, world.companies[Int(order.company)].cuit)
      } else {
        statement.bindNull(2)
      }
      if order.customer >= 0 { statement.bind(3, Int(order.customer) + 1) } else { statement.bindNull(3) }
      statement.bind(4, order.channel.text)
      if order.store >= 0 { statement.bind(5, Int(order.store) + 1) } else { statement.bindNull(5) }
      statement.bind(6, order.isPurchase ? "purchase" : "sale")
      if order.parent > 0 { statement.bind(7, order.parent) } else { statement.bindNull(7) }
      statement.bind(8, order.status.text)
      if order.cancelReason >= 0 {
        statement.bind(9, Order.cancelReasons[Int(order.cancelReason)])
      } else {
        statement.bindNull(9)
      }
      statement.bind(10, dateText(order))
      statement.bind(11, Geography.currencies[Int(order.currency)].code)
      if order.shipTo >= 0 {
        statement.bind(12, Geography.countries[Int(order.shipTo)].code)
        statement.bind(13, world.customers[Int(order.customer)].address)
      } else {
        statement.bindNull(12)
        statement.bindNull(13)
      }
      statement.bind(14, order.note)
      statement.bind(15, texts.timestamp(order.createdAt))
      statement.bind(16, texts.timestamp(order.updatedAt))
      try statement.run()
      if index % 16_384 == 0 { progress(0.1 + 0.4 * Double(index) / Double(world.orders.count)) }
    }
  }

  private func dateText(_ order: Order) -> String {
    // No year has a 30 February.
    order.fault == .impossibleDate
      ? "\(Days.padded(Days.civil(Int(order.day)).year, 4))-02-30" : texts.date(Int(order.day))
  }

  private func writeLines(_ database: Database) throws {
    let statement = try database.statement("INSERT INTO order_items VALUES(?,?,?,?,?)")
    for (index, order) in world.orders.enumerated() {
      for position in order.lines {
        let line = world.lines[position]
        statement.bind(1, position + 1)
        statement.bind(2, index + 1)
        statement.bind(3, Int(line.product))
        statement.bind(4, Int(line.quantity))
        statement.bind(5, line.price.text)
        try statement.run()
      }
    }
  }

  private func writeShipments(_ database: Database) throws {
    let statement = try database.statement("INSERT INTO shipments VALUES(?,?,?,?,?,?,?,?,?)")
    for (index, row) in world.shipments.enumerated() {
      statement.bind(1, index + 1)
      statement.bind(2, row.order)
      statement.bind(3, row.carrier)
      statement.bind(4, row.service)
      statement.bind(5, Geography.countries[row.country].code)
      statement.bind(6, row.status)
      statement.bind(7, Days.text(row.promised))
      statement.bind(8, cents(row.costCents))
      statement.bind(9, texts.timestamp(row.eventTime))
      try statement.run()
    }
  }

  private func writeReturns(_ database: Database) throws {
    let statement = try database.statement("INSERT INTO returns VALUES(?,?,?,?,?,?,?,?)")
    for (index, row) in world.returns.enumerated() {
      let currency = Geography.currencies[Int(world.orders[row.order].currency)]
      statement.bind(1, index + 1)
      statement.bind(2, row.order + 1)
      statement.bind(3, Int(world.lines[row.line].product))
      statement.bind(4, Int(row.quantity))
      statement.bind(5, Return.reasons[row.reason])
      statement.bind(6, Price(unscaled: row.refund, scale: currency.decimals).text)
      statement.bind(7, currency.code)
      statement.bind(8, texts.timestamp(row.returnedAt))
      try statement.run()
    }
  }

  private func writeStock(_ database: Database) throws {
    let statement = try database.statement("INSERT INTO stock VALUES(?,?,?,?)")
    for row in world.stock {
      statement.bind(1, row.product)
      statement.bind(2, row.location)
      statement.bind(3, row.quantity)
      statement.bind(4, texts.timestamp(row.updatedAt))
      try statement.run()
    }
  }
}
