internal import CCSV
internal import Glibc

/// CSV through libcsv, fed in small pieces so that its own buffer stays within the limits.
struct CSVReader {
  let limits: SpreadsheetLimits
  private static let pieceBytes = 8_192
  /// FIELD_BEGUN in libcsv's source; its header does not name the states.
  private static let insideField: Int32 = 2

  func read(_ descriptor: Int32, _ row: (Int, [Cell]) throws -> Void) throws -> SheetReport {
    let parser = UnsafeMutablePointer<csv_parser>.allocate(capacity: 1)
    defer { parser.deallocate() }
    // Every line end is reported, so that lines can be counted.
    guard csv_init(parser, UInt8(CSV_REPALL_NL)) == 0 else {
      throw SpreadsheetError(.file, "libcsv could not start")
    }
    defer { csv_free(parser) }
    // Lines end with LF; a CR before it is dropped as a blank, and blanks proper are content (libcsv would trim them).
    csv_set_term_func(parser) { $0 == 0x0a ? 1 : 0 }
    csv_set_space_func(parser) { $0 == 0x0d ? 1 : 0 }

    return try withoutActuallyEscaping(row) { row in
      let state = CSVState(limits: limits, row: row)
      let context = Unmanaged.passUnretained(state).toOpaque()
      var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
      var isFirst = true
      while true {
        let count = Glibc.read(descriptor, &piece, piece.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw SpreadsheetError(.file, "the file cannot be read", line: state.line) }
        if count == 0 { break }
        // A byte order mark is no content.
        let skipped = isFirst && piece.prefix(count).starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        isFirst = false
        let parsed = piece.withUnsafeBytes {
          csv_parse(parser, $0.baseAddress.map { $0 + skipped }, count - skipped, Self.field, Self.end, context)
        }
        if let failure = state.failure { throw failure }
        guard parsed == count - skipped else {
          throw SpreadsheetError(.malformed, "the quotes do not fit", line: state.line)
        }
        guard parser.pointee.entry_pos <= limits.fieldBytes,
          Int(parser.pointee.entry_pos) + state.lineBytes <= limits.lineBytes
        else { throw SpreadsheetError(.limit, "it is longer than \(limits.lineBytes) bytes", line: state.line) }
      }
      // Else one lone quote would swallow the rest of the file. (libcsv itself minds only in its strict mode, which
      // also refuses a quote inside a bare field.)
      guard parser.pointee.quoted == 0 || parser.pointee.pstate != Self.insideField else {
        throw SpreadsheetError(.malformed, "a quote is never closed", line: state.line)
      }
      let finished = csv_fini(parser, Self.field, Self.end, context)
      if let failure = state.failure { throw failure }
      guard finished == 0 else { throw SpreadsheetError(.malformed, "its end is broken", line: state.line) }
      return state.report
    }
  }

  private static let field: @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Void = {
    bytes, count, context in
    guard let context else { return }
    Unmanaged<CSVState>.fromOpaque(context).takeUnretainedValue().add(
      UnsafeRawBufferPointer(start: bytes, count: count))
  }

  private static let end: @convention(c) (Int32, UnsafeMutableRawPointer?) -> Void = { _, context in
    guard let context else { return }
    Unmanaged<CSVState>.fromOpaque(context).takeUnretainedValue().endOfLine()
  }
}

/// What libcsv's callbacks fill. After a failure they do nothing more.
private final class CSVState {
  private let limits: SpreadsheetLimits
  private let row: (Int, [Cell]) throws -> Void
  private var cells: [Cell] = []
  private var linesInside = 0
  private(set) var line = 1
  private(set) var lineBytes = 0
  private(set) var report = SheetReport(format: .csv)
  private(set) var failure: (any Error)?

  init(limits: SpreadsheetLimits, row: @escaping (Int, [Cell]) throws -> Void) {
    self.limits = limits
    self.row = row
  }

  func add(_ bytes: UnsafeRawBufferPointer) {
    guard failure == nil else { return }
    lineBytes += bytes.count + 1
    guard bytes.count <= limits.fieldBytes, lineBytes <= limits.lineBytes + 1 else {
      failure = SpreadsheetError(.limit, "it is longer than \(limits.lineBytes) bytes", line: line)
      return
    }
    guard cells.count < limits.columns else {
      failure = SpreadsheetError(.limit, "it has more than \(limits.columns) columns", line: line)
      return
    }
    for byte in bytes where byte == 0x0a { linesInside += 1 }
    guard !bytes.isEmpty else { return cells.append(.empty) }
    if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) {
      cells.append(.text(text))
    } else {
      report.repairedFields += 1
      cells.append(.text(String(decoding: bytes, as: UTF8.self).replacing("\0", with: "\u{fffd}")))
    }
  }

  func endOfLine() {
    guard failure == nil else { return }
    if cells.contains(where: { $0 != .empty }) {
      guard report.rows < limits.rows else {
        failure = SpreadsheetError(.limit, "it is beyond \(limits.rows) rows", line: line)
        return
      }
      report.rows += 1
      do { try row(line, cells) } catch { failure = error }
    }
    cells.removeAll(keepingCapacity: true)
    line += linesInside + 1
    linesInside = 0
    lineBytes = 0
  }
}
