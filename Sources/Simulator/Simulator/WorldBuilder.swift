internal import Money

/// Makes the companies, people and goods; `WorldBuilder+Orders` makes what they do.
struct WorldBuilder {
  let plan: SimulationPlan
  var world: World
  /// Orders by customer, day and content: without planted copies no two orders may look the same.
  var contents: Set<UInt64> = []
  let texts: DayTexts

  init(plan: SimulationPlan, countries: [Int]) {
    self.plan = plan
    let last = Int(plan.until.daysSinceEpoch)
    world = World(firstDay: last - plan.days + 1, lastDay: last, countries: countries)
    texts = DayTexts(from: world.firstDay, through: last)
  }

  mutating func build() -> World {
    makeRates()
    makeCompanies()
    makeProducts()
    makeCustomers()
    makeStores()
    makeOrders()
    makeReturns()
    makeStock()
    return world
  }

  private mutating func makeRates() {
    var random = Random(seed: plan.seed, stream: 1)
    world.rates = Geography.currencies.map { currency in
      guard currency.firstRate > 0 else { return [] }
      var rate = Int64(currency.firstRate)
      return (0..<plan.days).map { _ in
        defer {
          // At most 0.4 % a day, drawn back to where it began so that years stay plausible.
          let step = Int64(random.within(-400...400)) + (Int64(currency.firstRate) - rate) * 2_000 / rate
          rate += rate * step / 100_000
        }
        return rate
      }
    }
  }

  private func countryPicker(_ countries: [Int]) -> (indices: [Int], sums: [Int]) {
    (countries, runningSums(countries.map { Geography.countries[$0].weight }))
  }

  private mutating func makeCompanies() {
    var random = Random(seed: plan.seed, stream: 2)
    let picker = countryPicker(world.countries)
    let required = Geography.required.compactMap { code in Geography.countries.firstIndex { $0.code == code } }
    let suppliers = max(2, plan.companies / 5)
    var taken: Set<String> = []
    for index in 0..<plan.companies {
      let isSupplier = index < suppliers
      // The second supplier and every eighth company is a natural person, whatever the seed.
      let isNatural = index % 8 == 1
      var digits: [Int] = []
      var check: Int?
      repeat {
        let prefix = isNatural ? random.pick([20, 27]) : random.pick([30, 30, 30, 33, 34])
        digits = [prefix / 10, prefix % 10] + (0..<8).map { _ in random.below(10) }
        check = CheckDigits.cuit(digits)
      } while check == nil || !taken.insert(CheckDigits.text(digits)).inserted
      let text = CheckDigits.text(digits + [check ?? 0])
      let name: String
      if isNatural {
        name = random.pick(Words.firstNames) + " " + random.pick(Words.lastNames)
      } else {
        let first = Words.companyFirst[index % Words.companyFirst.count]
        let second = Words.companySecond[(index / Words.companyFirst.count + index) % Words.companySecond.count]
        let round = index / (Words.companyFirst.count * Words.companySecond.count)
        name = "\(first) \(second)\(round > 0 ? " \(round + 1)" : "") \(random.pick(Words.companyForms))"
      }
      let country =
        index - suppliers < required.count && !isSupplier
        ? required[index - suppliers] : picker.indices[random.index(cumulative: picker.sums)]
      world.companies.append(
        Company(
          cuit: index % 10 == 3 ? "\(text.prefix(2))-\(text.dropFirst(2).prefix(8))-\(text.suffix(1))" : text,
          digits: text, name: name, isSupplier: isSupplier, country: country, login: "corp\(index + 1)",
          isNaturalPerson: isNatural))
    }
  }

  private mutating func makeProducts() {
    var random = Random(seed: plan.seed, stream: 3)
    let suppliers = world.companies.indices.filter { world.companies[$0].isSupplier }
    for index in 0..<plan.products {
      let category = index % Words.categories.count
      let kind = Words.categories[category]
      let brand = Words.brands[(index / Words.categories.count) % Words.brands.count]
      let good = kind.goods[random.below(kind.goods.count)]
      let cents = random.within(kind.cheapest...kind.dearest) / 10 * 10 + 9
      let supplier = index < suppliers.count ? suppliers[index] : random.pick(suppliers)
      world.products.append(
        Product(name: "\(brand) \(good) \(index + 100)", category: category, supplier: supplier, basePriceCents: cents))
      // What the supplier asks, in its own currency; renewed once in the period.
      let currency = Geography.countries[world.companies[supplier].country].currency
      let cost = cents * random.within(60...85) / 100
      world.catalogs.append(
        CatalogEntry(
          company: supplier, product: index + 1, price: price(cents: cost, currency: currency), currency: currency,
          validFrom: world.firstDay - 30))
      let renewed = world.firstDay + plan.days / 2
      world.catalogs.append(
        CatalogEntry(
          company: supplier, product: index + 1,
          price: price(cents: max(1, cost * random.within(95...108) / 100), currency: currency), currency: currency,
          validFrom: renewed))
    }
  }

  /// A price in the currency's minor units for an amount in US cents, at least one unit.
  func price(cents: Int, currency: Int) -> Price {
    let kind = Geography.currencies[currency]
    return Price(unscaled: max(1, Int64(cents) * Int64(kind.minorPerCent) / 1_000_000), scale: kind.decimals)
  }

  private mutating func makeCustomers() {
    var random = Random(seed: plan.seed, stream: 4)
    let clients = world.companies.indices.filter { !world.companies[$0].isSupplier }
    let everywhere = countryPicker(world.countries)
    let required = Geography.required.compactMap { code in Geography.countries.firstIndex { $0.code == code } }
    let shopSums = runningSums([40, 22, 19, 19])
    var documents: Set<Int> = []
    world.customers.reserveCapacity(plan.customers)
    for index in 0..<plan.customers {
      let isCompanys = index % 2 == 0
      let company = isCompanys ? (index / 2 < clients.count ? clients[index / 2] : random.pick(clients)) : nil
      let country: Int
      if isCompanys {
        let own = world.companies[company ?? 0].country
        country = random.chance(percent: 85) ? own : everywhere.indices[random.index(cumulative: everywhere.sums)]
      } else {
        country = index / 2 < required.count ? required[index / 2] : required[random.index(cumulative: shopSums)]
      }
      var document = 0
      repeat { document = random.within(10_000_000...99_999_999) } while !documents.insert(document).inserted
      let first = random.pick(Words.firstNames)
      let last = random.pick(Words.lastNames)
      let place = Geography.countries[country]
      let age = random.within(19 * 365...75 * 365)
      world.customers.append(
        Customer(
          company: company, document: String(document),
          username: "\(Words.plain(first).prefix(3))\(Words.plain(last).prefix(5))\(index + 1)",
          fullName: "\(first) \(last)",
          email:
            "\(Words.plain(first)).\(Words.plain(last)).\(index + 1)@\(random.pick(["example.com", "example.net", "example.org"]))",
          phone: "\(place.phonePrefix) 555 \(Days.padded(random.below(10_000_000), 7))",
          birthDay: world.lastDay - age, country: country,
          address: "\(random.within(1...999)) \(random.pick(Words.streets)), \(place.city)",
          card: random.chance(percent: 90) ? WorldBuilder.card(&random) : nil))
    }
  }

  /// Sixteen digits that pass Luhn.
  static func card(_ random: inout Random) -> String {
    let start = random.pick([[4], [5, 1], [5, 3], [5, 5]])
    let digits = start + (0..<(15 - start.count)).map { _ in random.below(10) }
    return CheckDigits.text(digits + [CheckDigits.luhn(digits)])
  }

  private mutating func makeStores() {
    world.stores = (0..<plan.stores).map { Geography.storePlaces[$0 % Geography.storePlaces.count] }
      .map { (city: $0.0, state: $0.1) }
  }

  private mutating func makeStock() {
    var random = Random(seed: plan.seed, stream: 6)
    let end = Int64(world.lastDay + 1) * Days.secondsPerDay
    let places = Geography.warehouses + (1...max(1, min(3, plan.stores))).map { "store-\($0)" }
    world.stock.reserveCapacity(places.count * plan.products)
    for product in 1...plan.products {
      for place in places {
        world.stock.append(
          StockLevel(
            product: product, location: place, quantity: random.chance(percent: 4) ? 0 : random.within(1...400),
            updatedAt: end - Int64(random.within(1...3 * 86_400))))
      }
    }
  }
}
