import Capture
import CaptureSupport
import EventLog
import Events
import Files
import Foundation
import SQLite
import ShopSources
import TestSupport
import Testing

/// Whatever becomes of a log's files, each line is captured once, or `status` says that lines may be missing.
@Suite("Rotated web logs", .temporaryFolder)
struct RotationTests {
  private let bench: Bench
  private let server: LogServer

  init() throws {
    bench = try Bench(weblog: true)
    server = LogServer(path: bench.weblogPath)
  }

  private func pages() throws -> [Int] {
    try bench.requests().compactMap { Int($0.path.dropFirst("/page/".count)) }.sorted()
  }
  private func notes() throws -> [SourceNote] { try bench.status().sources.first?.notes ?? [] }
  private func breaks() throws -> [String] { try notes().filter { $0.kind == .historyBroken }.map(\.text) }
  private func age(_ path: String) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: path)
  }

  /// Goal: between two single runs a log is rotated twice, with unread lines, and nothing is lost or repeated. Method: each
  /// style but deletion, a restart in between, and one more look at the end.
  @Test("rotations between two runs are read once", arguments: LogServer.Style.allCases.filter { $0 != .deleted })
  func betweenRuns(_ style: LogServer.Style) throws {
    try server.write(0..<3)
    try bench.capture()
    try server.write(3..<6)
    try server.rotate(style).map(age)
    try server.write(6..<8)
    try server.rotate(style).map(age)
    try server.write(8..<9)
    try bench.capture()
    #expect(try pages() == Array(0..<9))
    try bench.capture()
    #expect(try pages() == Array(0..<9) && breaks() == [])
  }

  @Test("a first start reads all rotations, dated and packed ones too", arguments: LogServer.Style.allCases)
  func firstStart(_ style: LogServer.Style) throws {
    for index in 0..<3 {
      try server.write((3 * index)..<(3 * index + 3))
      try server.rotate(style).map(age)
    }
    try server.write(9..<10)
    try bench.capture()
    try bench.capture()
    let isThere = style != .deleted && style != .moved && style != .movedAndPacked
    #expect(try pages() == (isThere ? Array(0..<10) : [9]) && bench.rejections().isEmpty)
    #expect(try notes().map(\.kind) == (isThere || style == .deleted ? [] : [.leftOut]))
    guard isThere else { return }
    let inOrder = try bench.events().sorted { $0.number < $1.number }
    #expect(inOrder.map(\.occurredAt) == inOrder.map(\.occurredAt).sorted())
  }

  /// Goal: what was read is not read again when it is packed later (`delaycompress`). Method: a look after each step.
  @Test("a rotation that was read and is packed afterwards is not read again")
  func packedLater() throws {
    try server.write(0..<40)
    try bench.capture()
    try server.rotate(.number).map(age)
    try server.write(40..<60)
    try bench.capture()
    let packed = try server.pack(bench.weblogPath + ".1")
    try bench.capture()
    #expect(try bench.capture().events == 0)
    try bench.rename(packed, bench.weblogPath + ".2.gz")
    #expect(try bench.capture().events == 0)
    #expect(try pages() == Array(0..<60) && notes().isEmpty)
  }

  @Test("a .gz that is under way is not read beside its original, and only when it is whole")
  func packingUnderWay() throws {
    let session = try bench.session()
    try server.write(0..<400)
    try server.rotate(.number)
    try server.write(400..<410)
    _ = try session.runOnce()
    let whole = try server.pack(bench.weblogPath + ".1")
    let bytes = try #require(FileManager.default.contents(atPath: whole))
    try bench.writeFile(bench.weblogPath + ".1", (0..<400).map { Lines.request($0) }.joined().utf8)
    try bench.writeFile(whole, bytes.prefix(bytes.count / 2))
    _ = try session.runOnce()
    #expect(try pages() == Array(0..<410))
    try bench.writeFile(whole, bytes)
    try FileManager.default.removeItem(atPath: bench.weblogPath + ".1")
    _ = try session.runOnce()
    #expect(try pages() == Array(0..<410) && breaks() == [])
  }

  @Test("a damaged or cut .gz is named and not read, and a sound one in its place is", arguments: [true, false])
  func damaged(_ isCut: Bool) throws {
    try server.write(0..<400)
    let packed = try server.rotate(.packed) ?? ""
    try server.write(400..<401)
    let sound = Array(try #require(FileManager.default.contents(atPath: packed)))
    var broken = sound
    if isCut { broken.removeLast(20) } else { broken[0] = 0 }
    try bench.writeFile(packed, broken)
    try bench.capture()
    #expect(try notes().map(\.kind) == [.unread])
    #expect(try notes().first?.text.contains("access.log.1.gz is no whole .gz") == true)
    try bench.writeFile(packed, sound)
    try bench.capture()
    #expect(try pages() == Array(0..<401))
    #expect(try notes().isEmpty)
  }

  /// Goal: what vanished unread is a break of history that says when. Method: delete between two runs.
  @Test("a file that is gone before it was read to its end breaks history, with the time from and to")
  func deleted() throws {
    try server.write(0..<3)
    try bench.capture()
    try server.write(3..<60)
    try server.rotate(.deleted)
    try server.write(60..<62)
    try bench.capture()
    #expect(try pages() == Array(0..<3) + [60, 61])
    let text = try #require(try breaks().first)
    #expect(text.contains("read up to 2015-05-17T10:00:02Z"))
    #expect(text.contains("the next file begins at 2015-05-17T10:01:00Z"))
    #expect(try bench.status().faults(isCapturing: false).count == 1)
    // It is told once, and stays until somebody says so.
    try bench.capture()
    #expect(try breaks() == [text])
    let session = try bench.session()
    try session.acknowledgeBreaks()
    _ = try session.runOnce()
    #expect(try breaks() == [])
  }

  @Test("what is packed by another program than gzip breaks history when it was not read, and is left out else")
  func otherProgram() throws {
    guard Files.exists("/usr/bin/xz") else { return }
    try server.write(0..<3)
    try bench.capture()
    try server.rotate(.number).map(age)
    try server.write(3..<4)
    try bench.capture()
    _ = try server.pack(bench.weblogPath + ".1", with: "xz")
    try bench.capture()
    #expect(try notes().map(\.kind) == [.leftOut])
    try server.write(4..<6)
    let second = try server.rotate(.date) ?? ""
    _ = try server.pack(second, with: "xz")
    try server.write(6..<7)
    try bench.capture()
    #expect(try notes().map(\.kind) == [.historyBroken, .leftOut])
    #expect(try pages() == [0, 1, 2, 3, 6])
  }

  @Test("a file that is deleted or moved away while it is read is read to its end", arguments: [true, false])
  func goneWhileRead(_ isDeleted: Bool) throws {
    let session = try bench.session()
    try server.write(0..<3)
    _ = try session.runOnce()
    try server.write(3..<6)
    let late = try FileHandle(forWritingTo: URL(fileURLWithPath: bench.weblogPath))
    try late.seekToEnd()
    if isDeleted {
      try server.rotate(.deleted)
    } else {
      try server.rotate(.number)
      try bench.rename(bench.weblogPath + ".1", bench.folder + "/elsewhere")
    }
    try server.write(6..<8)
    _ = try session.runOnce()
    #expect(try pages() == Array(0..<8))
    // A worker that still finishes a request.
    try late.write(contentsOf: Data(Lines.request(8).utf8))
    _ = try session.runOnce()
    #expect(try pages() == Array(0..<9) && breaks() == [])
  }

  @Test("a file that is deleted while the log cannot be reached is read to its end afterwards")
  func goneWhileTheLogIsAway() throws {
    let failing = FailingLog(bench.log, [])
    let session = try bench.session(failing)
    try server.write(0..<3)
    _ = try session.runOnce()
    try server.write(3..<6)
    failing.plan = [.before]
    #expect(throws: LogError.self) { try session.runOnce() }
    try server.write(6..<8)
    try server.rotate(.deleted)
    try server.write(8..<9)
    _ = try session.runOnce()
    #expect(try pages() == Array(0..<9) && breaks() == [])
  }

  /// Goal: case 37: a first start, or a start after an outage, in the middle of copytruncate counts nothing twice.
  @Test("a copy is not counted beside its original, also when capture starts between copy and truncation")
  func copyAtTheStart() throws {
    func copy(_ number: Int) throws {
      try FileManager.default.copyItem(atPath: bench.weblogPath, toPath: bench.weblogPath + ".\(number)")
    }
    try server.write(0..<10)
    try copy(1)
    try bench.capture()
    try server.truncate()
    try bench.capture()
    #expect(try pages() == Array(0..<10))
    try server.write(10..<15)
    try bench.capture()
    try bench.rename(bench.weblogPath + ".1", bench.weblogPath + ".2")
    try copy(1)
    try server.truncate()
    try server.write(15..<22)
    try bench.rename(bench.weblogPath + ".2", bench.weblogPath + ".3")
    try bench.rename(bench.weblogPath + ".1", bench.weblogPath + ".2")
    try copy(1)
    try bench.capture()
    try server.truncate()
    try bench.capture()
    #expect(try pages() == Array(0..<22) && breaks() == [])
  }

  @Test("copies that stay beside a log that is never truncated are not counted")
  func copies() throws {
    for round in 0..<4 {
      try server.write((5 * round)..<(5 * round + 5))
      try FileManager.default.copyItem(atPath: bench.weblogPath, toPath: bench.weblogPath + "-2026110\(round + 1)")
      try bench.capture()
    }
    #expect(try pages() == Array(0..<20) && notes().isEmpty)
  }

  /// Goal: case 32: files beyond any number of remembered ones are not read for ever. Method: 1,003 files of one line.
  @Test("more than a thousand rotations are read once")
  func manyRotations() throws {
    for index in 0..<1_003 {
      try bench.writeFile(
        bench.weblogPath + (index == 0 ? "" : ".\(index)"), Lines.request(1_002 - index, agent: "A/\(index)").utf8)
    }
    #expect(try bench.capture().events == 1_003)
    #expect(try bench.capture().events == 0)
    #expect(try pages() == Array(0..<1_003) && notes().isEmpty)
  }

  /// Goal: an upgrade counts nothing twice. Method: turn what is stored into what the version before wrote, beside a .gz that it
  /// had read before it was packed, a packed and a dated one that it had left out.
  @Test("after an upgrade what was read is not read again, and what was left out stays out")
  func upgrade() throws {
    try server.write(0..<30)
    try bench.capture()
    try server.rotate(.number).map(age)
    try server.write(30..<40)
    try bench.capture()
    try bench.withOutbox { database in
      let marks = try database.rows("SELECT digest FROM kept WHERE source = 'weblog' ORDER BY key") {
        String(decoding: $0.blob(0), as: UTF8.self).split(separator: ":").prefix(5).joined(separator: ":")
      }
      #expect(marks.count == 2)
      try database.run("DELETE FROM kept WHERE source = 'weblog'")
      try database.run(
        "UPDATE sources SET position = ?1 WHERE name = 'weblog'", [.text(marks.joined(separator: " "))])
    }
    _ = try server.pack(bench.weblogPath + ".1")
    try bench.writeFile(bench.weblogPath + "-20150516", (100..<105).map { Lines.request($0) }.joined().utf8)
    try bench.writeFile(bench.weblogPath + "-20150515", (110..<115).map { Lines.request($0) }.joined().utf8)
    _ = try server.pack(bench.weblogPath + "-20150515")
    try server.write(40..<42)
    try bench.capture()
    #expect(try pages() == Array(0..<42))
    #expect(try notes().map(\.text) == ["2 rotations that an earlier version of Millrace left out are not read"])
    try server.rotate(.datedAndPacked)
    try server.write(42..<44)
    try bench.capture()
    #expect(try pages() == Array(0..<44))
  }

  @Test("the hole that a writer without O_APPEND leaves after a truncation is no line")
  func hole() throws {
    try server.write(0..<3)
    try bench.capture()
    try bench.writeFile(bench.weblogPath + ".1", (0..<3).map { Lines.request($0) }.joined().utf8)
    try server.truncate()
    let writer = try FileHandle(forWritingTo: URL(fileURLWithPath: bench.weblogPath))
    try writer.seek(toOffset: 3_000_000)
    try writer.write(contentsOf: Data((Lines.request(3) + Lines.request(4)).utf8))
    try bench.capture()
    #expect(try pages() == Array(0..<5) && bench.rejections().isEmpty)
  }

  @Test("rotations are read in the folder that the source names, whatever is unread when they are moved there")
  func configuredFolder() throws {
    let old = bench.folder + "/archive"
    var source = Bench.source("weblog", at: bench.weblogPath)
    source.folders["rotated"] = old
    bench.configuration.sources = [source]
    try bench.capture()
    #expect(try notes().first?.text.contains("\(old), is not there yet") == true)
    try Files.makeFolder(old)
    for round in 0..<3 {
      try server.write((4 * round)..<(4 * round + 2))
      if round > 0 { try bench.capture() }
      try server.write((4 * round + 2)..<(4 * round + 4))
      let path = try server.rotate(.date) ?? ""
      try bench.rename(path, old + path.dropFirst(server.folder.count))
    }
    try server.write(12..<13)
    try bench.capture()
    #expect(try pages() == Array(0..<13) && notes().isEmpty)
  }

  @Test("files that may be rotations and are not read are named, in the log's folder and in those below")
  func namedAndNotRead() throws {
    try Files.makeFolder(server.folder + "/old")
    try Files.makeFolder(server.folder + "/other-site")
    for name in [
      "old/access.log.1", "old/access.log.2.gz", "access.log-eve7", "access.log-ssl", "other-site/access.log.1",
    ] {
      try bench.writeFile(server.folder + "/" + name, Lines.request(9).utf8)
    }
    try bench.writeFile(server.folder + "/other-site/access.log", Lines.request(8).utf8)
    try server.write(0..<3)
    try bench.capture()
    #expect(try pages() == [0, 1, 2])
    #expect(
      try notes().map(\.text) == [
        "1 files beside the web log, as access.log-eve7, have no name of a rotation and are not read; if they are "
          + "rotations, name them by number or date",
        "2 rotations in the folder old were not seen before they were moved there and are not read; "
          + "write `rotated: FOLDER` at the web log in millrace.yaml to read them, too",
      ])
    #expect(try bench.status().faults(isCapturing: false) == [])
  }

  @Test("a log whose programs write to dated files at once is followed from file to file")
  func datedAtOnce() throws {
    func path(_ number: Int) -> String { bench.weblogPath + ".176446\(number)000" }
    try bench.writeFile(path(1), (0..<3).map { Lines.request($0) }.joined().utf8)
    try bench.capture()
    try bench.writeFile(path(1), (0..<5).map { Lines.request($0) }.joined().utf8, secondsAgo: 30)
    try bench.writeFile(path(2), (5..<7).map { Lines.request($0) }.joined().utf8, secondsAgo: 0)
    try bench.capture()
    #expect(try pages() == Array(0..<7))
  }
}
