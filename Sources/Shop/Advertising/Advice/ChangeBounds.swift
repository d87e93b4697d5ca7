/// How far a plan may move each row from the present division.
///
/// Curves out of history are least wrong near what was tried, so a plan is bounded to that unless somebody asks for
/// more. A row is compared with its part of the same total, divided as spend is now and as the asked bounds allow.
struct ChangeBounds {
  /// Minor units, by row. The present division always lies between them.
  let lower: [Int64]
  let upper: [Int64]

  /// `current`: spend now, by row. Answers nil where nothing is spent yet: then there is nothing to stay near to.
  init?(_ question: BudgetQuestion, keys: [AdvertisingHistory.RowKey], current: [Double]) {
    guard let change = question.maxChange, current.contains(where: { $0 > 0 }) else { return nil }
    let present = Self.present(question, keys, current)
    let explored = Int64((Double(question.totalMinor) * question.explorationShare).rounded(.down))
    let floor = Double(explored / Int64(keys.count) + 1)
    // What explores is equal for all rows, and goes before the bound where it is more than the bound sets free.
    let rest = question.explorationShare > change ? 1 - question.explorationShare : 1
    lower = present.map { Int64(max(0, $0 * rest * (1 - change)).rounded(.down)) }
    upper = present.map {
      Int64(min(max($0 * (1 + change), floor), Double(AdvertisingLimits.totalMinor)).rounded(.up))
    }
  }

  /// The total as it would be divided now. A bound that this breaks is kept by its rows in their proportion, and the
  /// other rows share what that leaves.
  private static func present(
    _ question: BudgetQuestion, _ keys: [AdvertisingHistory.RowKey], _ current: [Double]
  ) -> [Double] {
    let total = Double(question.totalMinor)
    let sum = current.reduce(0, +)
    var present = current.map { $0 / sum * total }
    var fixed: Set<Int> = []
    for bound in question.bounds.filter({ !$0.isMinimum }) + question.bounds.filter(\.isMinimum) {
      let members = keys.indices.filter { bound.covers(keys[$0]) && !fixed.contains($0) }
      let amount = Double(bound.amountMinor)
      let held = members.reduce(0) { $0 + present[$1] }
      guard !members.isEmpty, bound.isMinimum ? held < amount : held > amount else { continue }
      scale(&present, members, from: held, to: amount)
      fixed.formUnion(members)
      let others = keys.indices.filter { !fixed.contains($0) }
      let left = total - fixed.reduce(0) { $0 + present[$1] }
      scale(&present, others, from: others.reduce(0) { $0 + present[$1] }, to: max(0, left))
    }
    return present
  }

  private static func scale(_ amounts: inout [Double], _ members: [Int], from: Double, to: Double) {
    for index in members { amounts[index] = from > 0 ? amounts[index] / from * to : to / Double(members.count) }
  }

  /// These bounds inside what was asked for one row; what was asked wins.
  func within(_ asked: PlanRequest.Bounds, _ row: Int) -> PlanRequest.Bounds {
    let maximum = max(min(asked.maximum ?? .max, upper[row]), asked.minimum ?? 0)
    return PlanRequest.Bounds(minimum: min(max(asked.minimum ?? 0, lower[row]), maximum), maximum: maximum)
  }
}
