internal import CZip

/// The entries of a ZIP file, unpacked under limits. Owns its libzip object.
struct ZipReader: ~Copyable {
  private let archive: OpaquePointer
  private let limits: SpreadsheetLimits
  private var inflated = 0
  private static let pieceBytes = 64 << 10

  init(path: String, fileBytes: Int, limits: SpreadsheetLimits) throws(SpreadsheetError) {
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_RDONLY, &code) else {
      throw SpreadsheetError(.malformed, "it is not a whole ZIP container")
    }
    do throws(SpreadsheetError) {
      try Self.verify(archive, fileBytes: fileBytes, limits: limits)
    } catch {
      zip_discard(archive)
      throw error
    }
    self.archive = archive
    self.limits = limits
  }

  deinit { zip_discard(archive) }

  /// What the directory of the container claims; the claims are checked again while unpacking.
  private static func verify(
    _ archive: OpaquePointer, fileBytes: Int, limits: SpreadsheetLimits
  ) throws(SpreadsheetError) {
    let count = zip_get_num_entries(archive, 0)
    guard count <= limits.entries else { throw SpreadsheetError(.limit, "it has \(count) entries") }
    var packed: UInt64 = 0
    var unpacked: UInt64 = 0
    for index in 0..<max(0, count) {
      var status = zip_stat_t()
      guard zip_stat_index(archive, UInt64(index), 0, &status) == 0 else {
        throw SpreadsheetError(.malformed, "an entry of the container is damaged")
      }
      guard status.encryption_method == ZIP_EM_NONE else { throw SpreadsheetError(.forbidden, "it is encrypted") }
      packed = packed.addingReportingOverflow(status.comp_size).partialValue
      unpacked = unpacked.addingReportingOverflow(status.size).partialValue
      guard unpacked <= UInt64(limits.inflatedBytes), status.size <= UInt64(limits.inflatedBytes) else {
        throw SpreadsheetError(.limit, "unpacked it has more than \(limits.inflatedBytes) bytes")
      }
      guard isPlausible(status.size, packed: status.comp_size, limits) else {
        throw SpreadsheetError(.limit, "an entry unpacks to more than \(limits.ratio) times its size")
      }
    }
    // Overlapping entries let a small file claim much: together they cannot be bigger than the file.
    guard packed <= UInt64(fileBytes) else { throw SpreadsheetError(.forbidden, "entries of the container overlap") }
  }

  private static func isPlausible(_ size: UInt64, packed: UInt64, _ limits: SpreadsheetLimits) -> Bool {
    size <= UInt64(limits.ratioGraceBytes) || size / UInt64(limits.ratio) <= packed
  }

  /// Whether there is an entry of that name, in any case.
  func has(_ name: String) -> Bool { zip_name_locate(archive, name, UInt32(ZIP_FL_NOCASE)) >= 0 }

  /// Unpacks an entry, in pieces that are valid during the call only. Throws `SpreadsheetError`, and whatever `take` throws.
  mutating func unpack(_ name: String, take: (UnsafeRawBufferPointer) throws -> Void) throws {
    let index = zip_name_locate(archive, name, UInt32(ZIP_FL_NOCASE))
    var status = zip_stat_t()
    guard index >= 0, zip_stat_index(archive, UInt64(index), 0, &status) == 0,
      let entry = zip_fopen_index(archive, UInt64(index), 0)
    else { throw SpreadsheetError(.malformed, "an entry of the container cannot be unpacked") }
    defer { zip_fclose(entry) }
    var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
    var total = 0
    while true {
      let count = zip_fread(entry, &piece, UInt64(piece.count))
      guard count >= 0 else { throw SpreadsheetError(.malformed, "an entry of the container is damaged") }
      if count == 0 { return }
      inflated += Int(count)
      total += Int(count)
      guard inflated <= limits.inflatedBytes else {
        throw SpreadsheetError(.limit, "unpacked it has more than \(limits.inflatedBytes) bytes")
      }
      guard Self.isPlausible(UInt64(total), packed: status.comp_size, limits) else {
        throw SpreadsheetError(.limit, "an entry unpacks to more than \(limits.ratio) times its size")
      }
      try piece.withUnsafeBytes { try take(UnsafeRawBufferPointer(rebasing: $0[..<Int(count)])) }
    }
  }

  /// Walks an entry that is XML; answers whether there is one of that name.
  @discardableResult
  mutating func walk(
    _ name: String, onStart: (String, [String: String]) throws -> Void, onText: (String) throws -> Void = { _ in },
    onEnd: (String) throws -> Void = { _ in }
  ) throws -> Bool {
    guard has(name) else { return false }
    try XMLWalker.walk(
      limits: limits, pieces: { try unpack(name, take: $0) }, onStart: onStart, onText: onText, onEnd: onEnd)
    return true
  }
}
