import Capture
import CaptureSupport
import Entity
import Events
import Files
import Foundation
import SQLite
import TestSupport
import Testing

/// What advertising platforms export, and what it adds up to.
@Suite("Sums of spend sheets", .temporaryFolder)
struct SpendSumTests {
  private func bench(_ choices: [String: String] = [:]) throws -> Bench {
    let bench = try Bench()
    var source = Bench.source("spend", at: bench.folder + "/spend")
    source.choices = choices
    bench.configuration.sources = [source]
    try Files.makeFolder(bench.folder + "/spend")
    return bench
  }

  private func put(_ bench: Bench, _ name: String, _ text: String, secondsAgo: Double = 60) throws {
    try bench.writeFile(bench.folder + "/spend/" + name, text.utf8, secondsAgo: secondsAgo)
  }

  private static let header = "day,market,channel,campaign,amount,currency\n"

  /// Of each campaign what the newest event says: "market campaign minor currency flags".
  private func state(_ bench: Bench) throws -> [String] {
    var newest: [String: (version: StateVersion, text: String?)] = [:]
    for event in try bench.events("spend") {
      guard case .spend(let change) = event.payload, let row = change.newest else { continue }
      let name = "\(row.date) \(row.market) \(row.campaign)"
      if let known = newest[name], known.version > event.version { continue }
      let text = "\(row.market) \(row.campaign) \(row.amountMinor) \(row.currency)"
      newest[name] = (event.version, event.operation == .delete ? nil : ([text] + event.flags).joined(separator: " "))
    }
    return newest.values.compactMap(\.text).sorted()
  }

  /// Goal: no row of an export by ad group and device is lost. Method: the export, then the same file again with other rows, then
  /// without one of them.
  @Test("rows of one day, market, channel and campaign add up, and the same file sent again replaces itself")
  func byAdGroup() throws {
    let bench = try bench()
    func row(_ group: String, _ amount: String) -> String {
      "2026-11-01,US,search,brand,\(group),Mobile,\(amount),USD\n"
    }
    let header = "Day,Market,Channel,Campaign,Ad group,Device,Amount,Currency\n"
    try put(bench, "google.csv", header + row("shoes", "10.00") + row("shoes", "25.00") + row("hats", "5.00"))
    try bench.capture()
    #expect(try state(bench) == ["US brand 4000 USD"])
    try put(bench, "google.csv", header + row("shoes", "10.00") + row("hats", "5.50"), secondsAgo: 50)
    try bench.capture()
    #expect(try state(bench) == ["US brand 1550 USD"])
    // As browsers name what is fetched once more.
    try put(bench, "google (1).csv", header + row("shoes", "11.00") + row("hats", "5.50"), secondsAgo: 40)
    try bench.capture()
    #expect(try state(bench) == ["US brand 1650 USD"])
    #expect(try bench.capture().events == 0)
  }

  @Test("two accounts' files add up, each changes for itself, and a copy of one asks")
  func accounts() throws {
    let bench = try bench()
    func row(_ amount: String, _ campaign: String = "brand") -> String {
      "2026-11-01,US,search,\(campaign),\(amount),USD\n"
    }
    try put(bench, "account-1.csv", Self.header + row("10.00"))
    try put(bench, "account-2.csv", Self.header + row("25.00") + row("1.00", "other"))
    try bench.capture()
    #expect(try state(bench) == ["US brand 3500 USD", "US other 100 USD"])
    try put(bench, "account-2.csv", Self.header + row("20.00") + row("1.00", "other"), secondsAgo: 50)
    try bench.capture()
    #expect(try state(bench) == ["US brand 3000 USD", "US other 100 USD"])
    try put(bench, "account-2 backup.csv", Self.header + row("20.00") + row("1.00", "other"), secondsAgo: 40)
    try put(bench, "zeta.csv", Self.header + row("7.00", "last"), secondsAgo: 30)
    try bench.capture()
    #expect(try state(bench) == ["US brand 3000 USD", "US last 700 USD", "US other 100 USD"])
    #expect(try bench.status().faults(isCapturing: false).contains { $0.contains("stand in another sheet") })
    bench.configuration.accepted = ["account-2 backup.csv"]
    try bench.capture()
    #expect(try state(bench) == ["US brand 5000 USD", "US last 700 USD", "US other 200 USD"])
    #expect(try bench.status().faults(isCapturing: false) == [])
  }

  /// Goal: no spend counts twice because an export's name has its date. Method: exports since the first of the month, weekly
  /// ones that overlap, and one day that the next export has again; and two accounts that spend alike on one day of many.
  @Test(
    "exports under names of their own that overlap ask, and two accounts with the same campaigns do not",
    arguments: [
      (["1 10", "2 10"], ["1 10", "2 10", "3 10"], true), (["1 10", "2 10", "3 10"], ["2 10", "3 10", "4 10"], true),
      (["1 10"], ["1 10", "2 11"], true), (["1 10", "2 20", "3 30"], ["1 11", "2 21", "3 30", "4 30"], false),
      (["1 10", "2 10"], ["3 10", "4 10"], false),
    ])
  func overlapping(first: [String], second: [String], asks: Bool) throws {
    let bench = try bench()
    func text(_ rows: [String]) -> String {
      Self.header
        + rows.map { row in
          let parts = row.split(separator: " ")
          return "2026-11-0\(parts[0]),US,search,brand,\(parts[1]).00,USD\n"
        }.joined()
    }
    try put(bench, "google-2026-11-02.csv", text(first))
    try bench.capture()
    try put(bench, "google-2026-11-04.csv", text(second), secondsAgo: 30)
    let count = try state(bench).count
    try bench.capture()
    #expect(try bench.status().faults(isCapturing: false).contains { $0.contains("would count twice") } == asks)
    #expect(try (state(bench).count == count) == asks)
  }

  @Test("a file whose name says that it replaces another, and that has none of its rows, asks")
  func anotherAccountsCopy() throws {
    let bench = try bench()
    try put(bench, "report.csv", Self.header + "2026-11-01,US,search,a,10.00,USD\n2026-11-02,US,search,a,11.00,USD\n")
    try bench.capture()
    let other = Self.header + "2026-11-01,US,social,c,20.00,USD\n2026-11-02,US,social,c,21.00,USD\n"
    try put(bench, "report (1).csv", other, secondsAgo: 30)
    try bench.capture()
    #expect(try state(bench) == ["US a 1000 USD", "US a 1100 USD"])
    #expect(try bench.status().faults(isCapturing: false).contains { $0.contains("another account's") })
    try FileManager.default.removeItem(atPath: bench.folder + "/spend/report (1).csv")
    try put(bench, "second.csv", other, secondsAgo: 20)
    try bench.capture()
    #expect(try state(bench) == ["US a 1000 USD", "US a 1100 USD", "US c 2000 USD", "US c 2100 USD"])
    #expect(try bench.status().faults(isCapturing: false) == [])
  }

  @Test("a day with a time and a zone is the day that is written there")
  func writtenDays() throws {
    let bench = try bench()
    let days = ["2026-11-01T00:00:00+01:00", "2026-11-02 00:00:00+01:00", "2026-11-03T23:30:00-05:00", "2026-11-04"]
    try put(bench, "a.csv", Self.header + days.map { "\($0),DE,search,b,1.00,EUR\n" }.joined())
    try bench.capture()
    let written = try bench.events("spend").compactMap { event -> String? in
      guard case .spend(let change) = event.payload else { return nil }
      return change.newest.map { "\($0.date)" }
    }
    #expect(Set(written) == ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"])
  }

  @Test("amounts finer than a cent are rounded once, over all rows, and marked")
  func fineAmounts() throws {
    let bench = try bench()
    let rows = [
      ("fine", "0.004"), ("fine", "0.004"), ("fine", "0.004"), ("micro", "12.345678"),
      ("binary", "0.30000000000000004"),
      ("whole", "1.10"), ("half", "0.125"),
    ].map { "2026-11-01,US,search,\($0),\($1),USD\n" }
    try put(bench, "a.csv", Self.header + rows.joined())
    try bench.capture()
    #expect(
      try state(bench) == [
        "US binary 30 USD", "US fine 1 USD money.rounded", "US half 12 USD money.rounded",
        "US micro 1235 USD money.rounded",
        "US whole 110 USD",
      ])
    #expect(try bench.rejections() == [])
  }

  @Test("a row of another currency than its campaign's others is rejected, and takes nothing from them")
  func otherCurrency() throws {
    let bench = try bench()
    try put(
      bench, "a.csv",
      Self.header + "2026-11-01,US,search,a,10,USD\n2026-11-01,US,search,a,5,EUR\n2026-11-01,US,search,a,1,USD\n")
    try bench.capture()
    #expect(try state(bench) == ["US a 1100 USD"])
    #expect(try bench.rejections() == ["money.otherCurrency"])
  }

  @Test("markets are ISO countries or their usual other names; regions and codes of no country are refused")
  func markets() throws {
    let bench = try bench()
    let markets = ["UK", "gb", "USA", "el", "de", "EU", "XX", "WW", "A1", "Europe", "United Kingdom"]
    let rows = markets.enumerated().map { "2026-11-01,\($1),search,c\($0),1,USD\n" }
    try put(bench, "a.csv", Self.header + rows.joined())
    try bench.capture()
    #expect(
      try state(bench).map { $0.prefix(2) }.sorted() == ["DE", "GB", "GB", "GB", "GR", "US"])
    #expect(try bench.rejections() == Array(repeating: "row.unknownValue", count: 5))
  }

  /// Goal: numbers are read as they are meant, or not at all. Method: columns of either kind, and ones that do not tell.
  @Test(
    "thousands and decimals are told by the whole column",
    arguments: [
      (["1,234.50", "1,000"], ["100000", "123450"]), (["1.234,50", "1.000"], ["100000", "123450"]),
      (["12,5", "1.000"], ["100000", "1250"]), (["1 234,50", "7"], ["123450", "700"]), (["1'234.50"], ["123450"]),
      (["12.50", "12,50"], ["1250", "1250"]), (["7", "8"], ["700", "800"]), (["1,234,567"], ["123456700"]),
      (["1.234"], nil), (["1,234", "5,678"], nil), (["12.50", "12,50", "1.234"], nil),
    ] as [([String], [String]?)])
  func numbers(amounts: [String], expected: [String]?) throws {
    let bench = try bench()
    let rows = amounts.enumerated().map { "2026-11-01;US;search;c\($0);\($1);USD\n" }
    try put(bench, "a.csv", Self.header.replacing(",", with: ";") + rows.joined())
    try bench.capture()
    #expect(
      try state(bench).compactMap { $0.split(separator: " ").dropFirst(2).first.map(String.init) }.sorted() == expected
        ?? [])
    let faults = try bench.status().faults(isCapturing: false)
    #expect(faults.isEmpty == (expected != nil))
    if expected == nil {
      #expect(faults.contains { $0.contains("may be 1.234 or 1234") || $0.contains("may be 1234 or 1.234") })
    }
  }

  @Test(
    "what millrace.yaml says of numbers holds where a column does not tell",
    arguments: [("point", "123400"), ("comma", "123")])
  func saidNumbers(word: String, minor: String) throws {
    let bench = try bench(["numbers": word])
    try put(bench, "a.csv", Self.header + "2026-11-01,US,search,a,\"1,234\",USD\n")
    try bench.capture()
    #expect(try state(bench).first?.hasPrefix("US a \(minor) USD") == true)
  }

  /// Goal: what earlier builds took by other rules is right after an upgrade. Method: a position as those wrote it, of the same
  /// files.
  @Test("files that earlier builds have read are added up once more")
  func upgrade() throws {
    let bench = try bench()
    try put(bench, "a.csv", Self.header + "2026-11-01,US,search,a,10,USD\n")
    try put(bench, "b.csv", Self.header + "2026-11-01,US,search,a,25,USD\n")
    try bench.capture()
    #expect(try bench.capture().events == 0)
    try bench.withOutbox { try $0.run("UPDATE sources SET position = substr(position, 3) WHERE position LIKE '+ %'") }
    try bench.capture()
    #expect(try state(bench) == ["US a 3500 USD"])
    #expect(try bench.events("spend").count > 2)
    #expect(try bench.capture().events == 0)
  }

  @Test("files of other kinds are named, and make nothing red")
  func unsupported() throws {
    let bench = try bench()
    for name in ["report.pdf", "spend.ods", "old.xls", "data.csv.gz", "~$lock.xlsx", ".hidden", "half.crdownload"] {
      try put(bench, name, "x")
    }
    try bench.capture()
    let notes = try bench.status().sources.flatMap(\.notes)
    #expect(notes.map(\.kind) == [.leftOut])
    #expect(notes.first?.text.hasSuffix("data.csv.gz, old.xls, report.pdf, spend.ods") == true)
    #expect(try bench.status().faults(isCapturing: false) == [])
  }
}
