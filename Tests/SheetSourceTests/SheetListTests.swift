import Testing

@testable import SheetSource

/// Which numbers in a file's name may be part of a list's name.
@Suite("Names of sheets")
struct SheetListTests {
  @Test(
    "days, times, versions and copies are no names",
    arguments: [
      "leads-2026-10-05.xlsx", "leads 01.12.2026.csv", "leads 15 09 2026.csv", "leads_20261005.csv", "leads 2026.csv",
      "leads-2026-10-05T08-00.csv", "leads (2).csv", "leads v2.csv", "leads copy 3.csv", "leads October 5.csv",
      "leads Q3.csv", "leads week 41.csv", "leads.csv", "leads 10-2026.csv",
    ])
  func times(name: String) {
    #expect(SheetList.numbered(name) == nil)
    #expect(SheetList.list(name).hasPrefix("leads"))
  }

  @Test(
    "other numbers may be",
    arguments: [
      ("team1.csv", "team 1"), ("team2 2026-10-05.csv", "team 2"), ("Team-02_20261005.xlsx", "team 2"),
      ("2026-10-05 team 3.csv", "team 3"), ("05.10.2026-team4.csv", "team 4"), ("leads-2.csv", "leads 2"),
      ("store 105 (1).csv", "store 105"), ("team 2 2026.csv", "team 2"),
    ])
  func names(name: String, list: String) { #expect(SheetList.numbered(name) == list) }
}
