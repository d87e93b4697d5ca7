import Money
import Simulator
import TestSupport
import Testing

@testable import Advertising

@Suite struct PlanTests {
  private static func world(_ seed: UInt64 = 11, weeks: Int = 30) -> AdvertisingWorld {
    AdvertisingWorld(.init(seed: seed, weeks: weeks, markets: 2, channels: 3))
  }

  @Test("equal history and request give an equal plan") func deterministic() throws {
    let panel = try Samples.panel(Self.world())
    let request = PlanRequest(totalMinor: 5_000_001)
    let first = try BudgetPlanner.plan(panel, request)
    let second = try BudgetPlanner.plan(panel, request)
    #expect(first.allocation == second.allocation)
    #expect(first.rows.map(\.lowMinor) == second.rows.map(\.lowMinor))
    #expect(first.highMinor == second.highMinor)
    #expect(first.rows.reduce(0) { $0 + $1.amountMinor } == 5_000_001)
    #expect(first.rows.reduce(0) { $0 + $1.naiveMinor } == 5_000_001)
    #expect(first.rows.reduce(0) { $0 + $1.currentShareMinor } == 5_000_001)
  }

  @Test("bounds and exploration hold, and the plan says which rule bound") func bounds() throws {
    let panel = try Samples.panel(Self.world())
    let free = try BudgetPlanner.plan(panel, PlanRequest(totalMinor: 6_000_000, explorationShare: 0))
    let largest = try #require(free.rows.indices.max { free.rows[$0].amountMinor < free.rows[$1].amountMinor })
    let smallest = try #require(free.rows.indices.min { free.rows[$0].amountMinor < free.rows[$1].amountMinor })
    #expect(free.rows[largest].binding == .none)
    var bounds = [PlanRequest.Bounds](repeating: .init(), count: panel.rows.count)
    bounds[largest].maximum = free.rows[largest].amountMinor / 2
    bounds[smallest].minimum = free.rows[smallest].amountMinor + 700_000
    let plan = try BudgetPlanner.plan(
      panel, PlanRequest(totalMinor: 6_000_000, bounds: bounds, explorationShare: 0.1))
    #expect(plan.rows[largest].amountMinor == free.rows[largest].amountMinor / 2)
    #expect(plan.rows[largest].binding == .maximum)
    #expect(plan.rows[smallest].amountMinor == free.rows[smallest].amountMinor + 700_000)
    #expect(plan.rows[smallest].binding == .minimum)
    #expect(plan.rows.allSatisfy { $0.amountMinor >= 100_000 })
    #expect(plan.expectedReturnMinor <= free.expectedReturnMinor)
    // Money in a capped row would earn more than in the others; in a raised one less.
    let inner = plan.rows.filter { $0.binding == .none }.map(\.marginalReturn)
    #expect(plan.rows[largest].marginalReturn > inner.max() ?? 0)
  }

  @Test("a row that only exploration pays for says so") func exploration() throws {
    let panel = try Samples.exactPanel(
      rows: 3, channels: 3, weeks: 20, spend: { row, week in 50_000 + Int64((week + row) % 5) * 10_000 },
      response: { row, _, spend in row == 2 ? 0.2 : 50 * (spend / 50_000).squareRoot() })
    let plan = try BudgetPlanner.plan(panel, PlanRequest(totalMinor: 600_000, explorationShare: 0.06))
    #expect(plan.rows[2].amountMinor == 12_000)
    #expect(plan.rows[2].binding == .exploration)
  }

  @Test("bounds that cannot be kept are refused") func infeasible() throws {
    let panel = try Samples.panel(Self.world())
    var bounds = [PlanRequest.Bounds](repeating: .init(), count: panel.rows.count)
    bounds[0].minimum = 2_000_000
    var request = PlanRequest(totalMinor: 1_000_000, bounds: bounds)
    request.currency = .usd
    let error = #expect(throws: AdvertisingError.self) { try BudgetPlanner.plan(panel, request) }
    // Money in words is money.
    let words = error.map { "\($0)" } ?? ""
    #expect(words.contains(" USD, more than the total of 10,000.00 USD"), "\(words)")
  }

  /// Goal: intervals narrow with data and hold the point. Method: eight weeks against a year of one company.
  @Test("intervals hold the expected return and narrow with more weeks") func intervals() throws {
    let width = { (weeks: Int) throws -> Double in
      let world = Self.world(21, weeks: weeks)
      let plan = try BudgetPlanner.plan(try Samples.panel(world), PlanRequest(totalMinor: world.nextTotalMinor))
      #expect(plan.lowMinor < plan.expectedReturnMinor && plan.expectedReturnMinor < plan.highMinor)
      for row in plan.rows {
        #expect(row.lowMinor <= row.expectedReturnMinor && row.expectedReturnMinor <= row.highMinor)
      }
      return plan.rows.reduce(0) { $0 + Double($1.highMinor - $1.lowMinor) / Double($1.expectedReturnMinor) }
    }
    #expect(try width(52) < width(8))
  }

  /// Goal: a row of which almost nothing is known still shows an interval that holds its own expectation. Method: three rows
  /// with many orders, one with a single one, the others with none: nearly all mass of such a posterior is at nothing.
  @Test("a row that hardly ever sold has an interval that holds what it expects") func silentRows() throws {
    let panel = try Samples.exactPanel(
      rows: 24, channels: 8, weeks: 12, spend: { row, week in Int64(2_000 + row * 7_000 + week % 3 * 2_000) },
      response: { row, week, _ in
        if row % 8 == 0 { return 400 }
        return row == 1 && week == 5 ? 1 : 0
      })
    let plan = try BudgetPlanner.plan(panel, PlanRequest(totalMinor: 5_000_000))
    for row in plan.rows {
      #expect(row.lowMinor <= row.expectedReturnMinor && row.expectedReturnMinor <= row.highMinor, "\(row)")
    }
  }
}
