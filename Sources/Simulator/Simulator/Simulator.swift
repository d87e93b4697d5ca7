internal import Files

/// Builds fake source systems: a shop's platform database, its web server's logs, marketing's lead and spend sheets;
/// and a truth file with what reports on them must show.
package struct Simulator: Sendable {
  /// What is being built, for progress lines.
  package enum Stage: String, CaseIterable, Sendable {
    case business = "making up the business"
    case visits = "making up visits"
    case database = "writing the platform database"
    case weblogs = "writing web logs"
    case sheets = "writing lead and spend sheets"
    case truth = "working out the truth"
  }

  private let plan: SimulationPlan
  private let ranges: CountryRanges

  /// Throws when the plan cannot be built or the ranges lack one of US, CA, GB and DE.
  package init(plan: SimulationPlan, countryRanges: CountryRanges) throws(SimulatorError) {
    try plan.validate()
    for code in Geography.required where !countryRanges.covers(code) {
      throw SimulatorError(
        operation: "place visitors", cause: "the country ranges have none for \(code)",
        hint: "use the data of the tor-geoipdb package, or another file in its form")
    }
    self.plan = plan
    ranges = countryRanges
  }

  /// Everything in memory, before it is written.
  struct Scene {
    var world: World
    var traffic: Traffic
    var sheets: [LeadSheet]
    var advertising: SimulatedAdvertising
    var faults: PlantedFaults
  }

  func scene(progress: (Stage, Double) -> Void) -> Scene {
    progress(.business, 0)
    let countries = Geography.countries.indices.filter { ranges.covers(Geography.countries[$0].code) }
    var builder = WorldBuilder(plan: plan, countries: countries)
    var world = builder.build()
    progress(.business, 1)
    var advertisingBuilder = SimulatedAdvertisingBuilder(plan: plan, world: world)
    var advertising = advertisingBuilder.build()
    var visits = TrafficBuilder(plan: plan, world: world, ranges: ranges, landings: advertising.visits)
    var traffic = visits.build { progress(.visits, $0) }
    var leads = LeadSheetBuilder(plan: plan, world: world)
    var sheets = leads.build()
    var planter = FaultPlanter(plan: plan)
    planter.plant(into: &world)
    planter.plant(into: &traffic)
    planter.plant(into: &sheets)
    planter.plant(into: &advertising)
    progress(.visits, 1)
    return Scene(world: world, traffic: traffic, sheets: sheets, advertising: advertising, faults: planter.planted)
  }

  /// Writes `platform.sqlite`, `weblogs/`, `leads/` and `spend/` into the folder, and the truth file. Refuses to
  /// overwrite any. Blocks; the default size takes a few seconds. `progress` gets the stage and how much of it is done,
  /// 0 to 1.
  package func build(
    into folder: String, truthFile: String, progress: (Stage, Double) -> Void = { _, _ in }
  ) throws {
    let database = folder + "/platform.sqlite"
    let weblogs = folder + "/weblogs"
    let leads = folder + "/leads"
    let spend = folder + "/spend"
    for path in [database, weblogs + "/access.log", truthFile] where Files.exists(path) {
      throw SimulatorError(
        operation: "build source systems", cause: "\(path) is there already",
        hint: "choose an empty workspace, or remove what an earlier simulation left")
    }
    for path in [folder, weblogs, leads, spend, Files.folder(of: truthFile)] { try Files.makeFolder(path) }

    let scene = scene(progress: progress)
    let texts = DayTexts(from: scene.world.firstDay - 60, through: scene.world.lastDay)
    try PlatformWriter(world: scene.world, texts: texts).write(to: database) { progress(.database, $0) }
    progress(.database, 1)
    try WeblogWriter(traffic: scene.traffic, texts: texts)
      .write(into: weblogs, from: scene.world.firstDay, through: scene.world.lastDay) { progress(.weblogs, $0) }
    progress(.weblogs, 1)
    for (index, sheet) in scene.sheets.enumerated() {
      try SheetWriter.write(sheet, texts, into: leads)
      progress(.sheets, Double(index + 1) / Double(scene.sheets.count))
    }
    try scene.advertising.write(into: spend)
    try writeTruth(scene, to: truthFile, progress: progress)
  }

  private func writeTruth(_ scene: Scene, to path: String, progress: (Stage, Double) -> Void) throws {
    let truth = Truth(world: scene.world, traffic: scene.traffic, sheets: scene.sheets)
    let reports = truth.reports { progress(.truth, $0) }
    let world = scene.world
    let counts: [String: Int] = [
      "countries": world.countries.count, "companies": world.companies.count, "customers": world.customers.count,
      "stores": world.stores.count, "products": world.products.count, "company_catalogs": world.catalogs.count,
      "orders": world.orders.count, "order_items": world.lines.count, "shipments": world.shipments.count,
      "stock": world.stock.count, "returns": world.returns.count,
      "exchange_rates": world.rates.reduce(0) { $0 + $1.count },
      "weblog_lines": scene.traffic.requests.count, "lead_sheets": scene.sheets.count,
      "leads": truth.leadsAsSeen().leads.count,
    ]
    let json = JSONValue.object([
      ("seed", .integer(Int64(clamping: plan.seed))), ("as_of", .text(Days.text(world.lastDay))),
      ("base_currency", .text("USD")),
      ("reports", .object(reports.map { ($0.key, $0.json) })), ("quarantine", .counts(scene.faults.quarantine)),
      ("settled", .counts(scene.faults.settled)),
      ("flags", .counts(scene.faults.flags)), ("planted", .counts(scene.faults.kinds)), ("counts", .counts(counts)),
      ("advertising", scene.advertising.json),
    ])
    var bytes: [UInt8] = []
    json.write(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    var file = try OutputFile(path, .create)
    try file.write { $0 = bytes }
    try file.flush()
  }
}
