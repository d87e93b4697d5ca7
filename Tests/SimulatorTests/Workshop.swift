import Files
import Foundation
import Money
import TestSupport

@testable import Simulator

/// Small simulations and plain readers of what they wrote.
enum Workshop {
  /// 2026-10-31: a last day on which "twelve months ago" needs no clamping.
  static let until = CivilDate(daysSinceEpoch: 20_757)

  static let ranges = CountryRanges(
    v4Text: Array(
      """
      # Comments and what is no range are passed over.
      nonsense
      16777216,16777471,AU
      50331648,50397183,US
      134744064,134809599,CA
      3221225984,3221291519,GB
      3232235776,3232301311,DE
      2130706432,2130706433,JP
      1,2,ZZ

      """.utf8),
    v6Text: Array(
      """
      2001:db8:1::,2001:db8:1:ffff:ffff:ffff:ffff:ffff,US
      2a02::,2a02:0:ffff:ffff:ffff:ffff:ffff:ffff,DE
      2a03:1:2:3:4:5:6:7,2a03:1:2:3:4:5:6:ffff,KW

      """.utf8))

  static func plan(
    days: Int = 400, seed: UInt64 = 7, orders: Int = 1_500, weblogLines: Int = 4_000, leads: Int = 240,
    faultRate: Double = 0
  ) -> SimulationPlan {
    SimulationPlan(
      until: until, days: days, seed: seed, orders: orders, weblogLines: weblogLines, leads: leads,
      faultRate: faultRate)
  }

  /// Builds into the test's folder and reads the truth file back.
  static func build(_ plan: SimulationPlan, name: String = "sources") throws -> Built {
    let folder = TemporaryFolder.path + "/" + name
    try Simulator(plan: plan, countryRanges: ranges).build(into: folder, truthFile: folder + "/truth.json")
    return try Built(folder: folder)
  }

  static func scene(_ plan: SimulationPlan) throws -> Simulator.Scene {
    try Simulator(plan: plan, countryRanges: ranges).scene { _, _ in }
  }
}

struct Built {
  var folder: String
  var truth: [String: Any]

  init(folder: String) throws {
    self.folder = folder
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/truth.json"))
    truth = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  func report(_ name: String) -> [String: Any] { (truth["reports"] as? [String: Any])?[name] as? [String: Any] ?? [:] }
  func rows(_ name: String, _ list: String = "rows") -> [[String: Any]] { report(name)[list] as? [[String: Any]] ?? [] }
  func counts(_ name: String) -> [String: Int] { truth[name] as? [String: Int] ?? [:] }

  /// Path below the folder, and bytes, of every file.
  func files() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder)
      if !isFolder.boolValue { files[path] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + path)) }
    }
    return files
  }

  /// Lines of all access logs, newest file first, without their ends.
  func logLines() throws -> [[UInt8]] {
    var lines: [[UInt8]] = []
    let names = try Files.names(in: folder + "/weblogs").sorted { Built.age($0) < Built.age($1) }
    for name in names {
      let bytes = try Files.read(folder + "/weblogs/" + name, limit: 1 << 30).bytes
      var parts = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
      if parts.last?.isEmpty == true { parts.removeLast() }
      lines += parts
    }
    return lines
  }

  static func age(_ name: String) -> Int { Int(name.dropFirst("access.log.".count)) ?? 0 }
}

/// One line of a combined log, read the plain way: by splitting at quotes. The simulator never writes one inside.
struct ParsedLine {
  var address: String
  var user: String
  var date: String
  var second: Int
  var method: String
  var path: String
  var status: Int
  var bytes: Int
  var referrer: String
  var agent: [UInt8]

  init?(_ line: [UInt8]) {
    let parts = line.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false).map(Array.init)
    guard parts.count == 7 else { return nil }
    let head = String(decoding: parts[0], as: UTF8.self).split(separator: " ")
    guard head.count == 5, head[1] == "-", head[3].hasPrefix("["), head[4] == "+0000]" else { return nil }
    let time = head[3].dropFirst().split(separator: ":")
    let request = String(decoding: parts[1], as: UTF8.self).split(separator: " ")
    let result = String(decoding: parts[2], as: UTF8.self).split(separator: " ")
    guard time.count == 4, request.count == 3, request[2].hasPrefix("HTTP/"), result.count == 2,
      let status = Int(result[0]), let hour = Int(time[1]), let minute = Int(time[2]), let second = Int(time[3])
    else { return nil }
    let size = result[1] == "-" ? 0 : Int(result[1])
    guard let size else { return nil }
    address = String(head[0])
    user = String(head[2])
    date = String(time[0])
    self.second = hour * 3_600 + minute * 60 + second
    method = String(request[0])
    path = String(request[1])
    self.status = status
    bytes = size
    referrer = String(decoding: parts[3], as: UTF8.self)
    agent = parts[5]
  }
}
