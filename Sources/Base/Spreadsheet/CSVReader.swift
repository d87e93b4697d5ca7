internal import Glibc

/// CSV as spreadsheet programs and database tools write it: separated by commas, semicolons, tabs or bars, in UTF-8,
/// UTF-16 or Windows-1252, with quotes that people put where they do not belong. Read as a whole, so that a quote that
/// is never closed costs its own line and none of those that follow.
struct CSVReader {
  let limits: SpreadsheetLimits

  /// A line that is no record, with its cells as far as one can tell, and why.
  typealias Broken = (Int, [Cell], String) throws -> Void

  func read(
    _ descriptor: Int32, size: Int, broken: Broken, _ row: (Int, [Cell]) throws -> Void
  ) throws -> SheetReport {
    let (bytes, encoding) = CSVEncoding.utf8(of: try contents(descriptor, size))
    let body = CSVSeparator.body(of: bytes)
    var lines = CSVLines(bytes: bytes, start: body.start, line: body.line, separator: body.separator, limits: limits)
    var report = SheetReport(format: .csv)
    report.encoding = encoding
    while let record = try lines.next() {
      let cells = record.fields.map { cell($0, &report) }
      guard cells.contains(where: { $0 != .empty }) else { continue }
      if let reason = record.broken {
        try broken(record.line, cells, reason)
        continue
      }
      guard report.rows < limits.rows else {
        throw SpreadsheetError(.limit, "it is beyond \(limits.rows) rows", line: record.line)
      }
      report.rows += 1
      try row(record.line, cells)
    }
    return report
  }

  private func contents(_ descriptor: Int32, _ size: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SpreadsheetError(.file, "the file cannot be read") }
      if count == 0 { return bytes }
      bytes += piece[..<count]
      guard bytes.count <= limits.fileBytes else {
        throw SpreadsheetError(.limit, "the file has more than \(limits.fileBytes) bytes")
      }
    }
  }

  private func cell(_ bytes: [UInt8], _ report: inout SheetReport) -> Cell {
    if bytes.isEmpty { return .empty }
    if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) { return .text(text) }
    report.repairedFields += 1
    return .text(String(decoding: bytes, as: UTF8.self).replacing("\0", with: "\u{fffd}"))
  }
}

/// What parts the cells of a line.
enum CSVSeparator {
  private static let known: [UInt8] = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }

  /// Where the records begin, in which line, and what parts their cells: what a line `sep=;` says, which spreadsheet
  /// programs write and read; otherwise the one that stands most often in the first line.
  static func body(of bytes: [UInt8]) -> (start: Int, line: Int, separator: UInt8) {
    var start = 0
    var line = 1
    while start < bytes.count, bytes[start] == 0x0a || bytes[start] == 0x0d {
      if bytes[start] == 0x0a { line += 1 }
      start += 1
    }
    let first = bytes[start...].prefix { $0 != 0x0a }
    let said = first.filter { $0 != UInt8(ascii: "\"") && $0 != 0x0d }
    if said.count == 5, said.prefix(4).map({ $0 | 0x20 }) == Array("sep=".utf8).map({ $0 | 0x20 }) {
      return (min(bytes.count, first.endIndex + 1), line + 1, said[4])
    }
    var counts = [Int](repeating: 0, count: known.count)
    var isQuoted = false
    for byte in first {
      if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if !isQuoted, let index = known.firstIndex(of: byte) {
        counts[index] += 1
      }
    }
    var best = 0
    for index in counts.indices where counts[index] > counts[best] { best = index }
    return (start, line, known[best])
  }
}

/// Cuts text into records, as Python's and the spreadsheet programs' readers do.
struct CSVLines {
  struct Record {
    /// Its first line, from 1.
    var line: Int
    var fields: [[UInt8]]
    /// Why it is none; nil: it is one.
    var broken: String?
  }

  private let bytes: [UInt8]
  private let separator: UInt8
  private let limits: SpreadsheetLimits
  private var place: Int
  private var line: Int
  /// Cells of the first record; nil: it is not read yet.
  private var width: Int?

  private static let quote = UInt8(ascii: "\"")
  private static let unclosed = "a quote is never closed"
  private static let unfitting = "the quotes do not fit"

  init(bytes: [UInt8], start: Int, line: Int, separator: UInt8, limits: SpreadsheetLimits) {
    self.bytes = bytes
    self.separator = separator
    self.limits = limits
    place = start
    self.line = line
  }

  /// nil: there is none left. Throws `.limit`.
  mutating func next() throws(SpreadsheetError) -> Record? {
    guard place < bytes.count else { return nil }
    let (start, first) = (place, line)
    var record = Record(line: first, fields: [])
    var (isOdd, isLong) = (false, false)
    var lineBytes = 0
    while true {
      let field: Field
      do throws(Stray) { field = try self.field() } catch {
        switch error {
        case .tooLong: throw tooLong(first)
        case .broken(let reason): return onlyLine(from: start, first, reason)
        }
      }
      lineBytes += field.bytes.count + 1
      guard field.bytes.count <= limits.fieldBytes, lineBytes <= limits.lineBytes + 1 else { throw tooLong(first) }
      guard record.fields.count < limits.columns else {
        throw SpreadsheetError(.limit, "it has more than \(limits.columns) columns", line: first)
      }
      record.fields.append(field.bytes)
      if field.isOdd { isOdd = true }
      if field.isLong { isLong = true }
      if field.endsRecord { break }
    }
    guard let width else {
      width = record.fields.count
      return record
    }
    if isOdd, record.fields.count != width { return onlyLine(from: start, first, Self.unfitting) }
    if isLong, swallowed(from: start, to: place, width) { return onlyLine(from: start, first, Self.unclosed) }
    return record
  }

  private func tooLong(_ line: Int) -> SpreadsheetError {
    SpreadsheetError(.limit, "it is longer than \(limits.lineBytes) bytes", line: line)
  }

  // MARK: Fields

  private struct Field {
    var bytes: [UInt8]
    /// Text stands behind its closing quote.
    var isOdd = false
    /// It has several lines.
    var isLong = false
    var endsRecord = false
  }

  private enum Stray: Error {
    case tooLong
    case broken(String)
  }

  /// Reads one field and what ends it.
  private mutating func field() throws(Stray) -> Field {
    var field = Field(bytes: [])
    if place < bytes.count, bytes[place] == Self.quote {
      let start = place
      let firstLine = line
      place += 1
      while true {
        guard place < bytes.count else { throw .broken(Self.unclosed) }
        guard place - start <= limits.lineBytes + limits.fieldBytes else {
          if line == firstLine { throw .tooLong }
          throw .broken(Self.unclosed)
        }
        let byte = bytes[place]
        place += 1
        if byte == Self.quote {
          guard place < bytes.count, bytes[place] == Self.quote else { break }
          place += 1
        }
        if byte == 0x0a { line += 1 }
        field.bytes.append(byte)
      }
      field.isLong = line != firstLine
      let isEnd = place >= bytes.count || bytes[place] == separator || bytes[place] == 0x0a || isLineEnd(place)
      if !isEnd {
        // A quote that opens in one line and closes before a word of another was never meant to.
        if field.isLong { throw .broken(Self.unclosed) }
        field.isOdd = true
      }
    }
    let rest = place
    while place < bytes.count, bytes[place] != separator, bytes[place] != 0x0a {
      place += 1
      if place - rest > limits.fieldBytes { throw .tooLong }
    }
    var end = place
    if place >= bytes.count {
      field.endsRecord = true
    } else if bytes[place] == 0x0a {
      field.endsRecord = true
      line += 1
    }
    if field.endsRecord, end > rest, bytes[end - 1] == 0x0d { end -= 1 }
    field.bytes += bytes[rest..<end]
    place = min(place + 1, bytes.count)
    return field
  }

  private func isLineEnd(_ place: Int) -> Bool {
    bytes[place] == 0x0d && (place + 1 >= bytes.count || bytes[place + 1] == 0x0a)
  }

  // MARK: Lines with stray quotes

  /// Whether a record of several lines is rather several records: its first line and one of the others have, each by
  /// itself, as many cells as the header.
  private func swallowed(from start: Int, to end: Int, _ width: Int) -> Bool {
    guard width > 1 else { return false }
    var lines = bytes[start..<end].split(separator: 0x0a, omittingEmptySubsequences: true)
    guard let first = lines.first, cells(in: first) == width else { return false }
    lines.removeFirst()
    return lines.contains { cells(in: $0) == width }
  }

  private func cells(in line: ArraySlice<UInt8>) -> Int { line.count { $0 == separator } + 1 }

  /// The first line alone, its quotes taken for letters that one leaves out; what follows it is read anew.
  private mutating func onlyLine(from start: Int, _ first: Int, _ reason: String) -> Record {
    let whole = bytes[start...].prefix { $0 != 0x0a }
    place = min(whole.endIndex + 1, bytes.count)
    line = first + 1
    // The header decides how others are read; one with stray quotes has no right width.
    if width == nil { width = 0 }
    let fields = whole.split(separator: separator, omittingEmptySubsequences: false).prefix(limits.columns)
    return Record(
      line: first,
      fields: fields.map { field in Array(field.prefix(limits.fieldBytes).filter { $0 != Self.quote && $0 != 0x0d }) },
      broken: reason)
  }
}
