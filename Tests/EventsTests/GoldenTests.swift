import Entity
import Events
import Foundation
import Testing

/// Every format ever written stays decodable: Tests/Golden/events/vN/NAME.hex are only added to, never changed. Set
/// MILLRACE_WRITE_GOLDEN=1 to write the file of a new kind of event.
@Suite("Golden bytes")
struct GoldenTests {
  private static func folder(_ format: UInt32) -> URL {
    PublishedContract.root.appending(path: "Tests/Golden/events/v\(format)")
  }

  private static let samples = Samples.all + Samples.second

  @Test("an event of each kind has the bytes that were checked in", arguments: samples.indices)
  func bytes(index: Int) throws {
    let sample = Self.samples[index]
    let file = Self.folder(sample.event.envelope.format).appending(path: "\(sample.name).hex")
    if ProcessInfo.processInfo.environment["MILLRACE_WRITE_GOLDEN"] != nil,
      !FileManager.default.fileExists(atPath: file.path)
    {
      try Data(lines(sample.event.encoded).utf8).write(to: file)
    }
    let golden = try read(file)
    #expect(sample.event.encoded == golden)
    #expect(try Event.decoded(golden) == sample.event)
  }

  @Test("every checked-in file belongs to a sample")
  func complete() throws {
    for (format, samples) in zip(Formats.all, [Samples.all, Samples.second]) {
      let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder(format).path)
      #expect(files.sorted() == samples.map { "\($0.name).hex" }.sorted())
    }
  }

  @Test("what capture writes is format 2, and a format's number comes first")
  func written() {
    #expect(EventFormat.written == 2 && EventFormat.newest == 2)
    for sample in Samples.all { #expect(sample.event.encoded.starts(with: [0x08, 1])) }
    // The first field that a reader meets tells one of format 1 that it must not go on.
    for sample in Samples.second { #expect(sample.event.encoded.starts(with: [0x08, 2])) }
  }

  private func read(_ file: URL) throws -> [UInt8] {
    let digits = try String(contentsOf: file, encoding: .utf8).filter(\.isHexDigit)
    let values = digits.compactMap { $0.hexDigitValue.map(UInt8.init) }
    return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }

  private func lines(_ bytes: [UInt8]) -> String {
    let hex = Array(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) })
    return stride(from: 0, to: hex.count, by: 32)
      .map { hex[$0..<min($0 + 32, hex.count)].joined() + "\n" }
      .joined()
  }
}
