internal import CZip

/// A ZIP container in memory, written by libzip with time stamps that never change. Owns its libzip objects.
struct ZipWriter: ~Copyable {
  private let archive: OpaquePointer
  private let target: OpaquePointer
  // libzip reads the contents when the archive is closed, so they stay here until then.
  private var contents: [UnsafeMutableRawBufferPointer] = []
  private var isClosed = false

  /// 1980-01-01 00:00, the oldest time that ZIP knows, in MS-DOS form: fixed, so that the same table gives the same
  /// bytes.
  private static let date: UInt16 = 1 << 5 | 1
  private static let time: UInt16 = 0

  init() throws(SpreadsheetError) {
    guard let target = zip_source_buffer_create(nil, 0, 0, nil) else { throw Self.failure }
    guard let archive = zip_open_from_source(target, ZIP_TRUNCATE, nil) else {
      zip_source_free(target)
      throw Self.failure
    }
    // Closing the archive frees its source; the bytes are read from it afterwards.
    zip_source_keep(target)
    self.archive = archive
    self.target = target
  }

  deinit {
    if !isClosed { zip_discard(archive) }
    zip_source_free(target)
    for content in contents { content.deallocate() }
  }

  mutating func add(_ name: String, _ bytes: [UInt8]) throws(SpreadsheetError) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
    copy.copyBytes(from: bytes)
    contents.append(copy)
    guard let source = zip_source_buffer(archive, copy.baseAddress, UInt64(bytes.count), 0) else { throw Self.failure }
    let index = zip_file_add(archive, name, source, UInt32(ZIP_FL_ENC_UTF_8))
    guard index >= 0 else {
      zip_source_free(source)
      throw Self.failure
    }
    guard zip_set_file_compression(archive, UInt64(index), ZIP_CM_DEFLATE, 6) == 0,
      zip_file_set_dostime(archive, UInt64(index), Self.time, Self.date, 0) == 0
    else { throw Self.failure }
  }

  mutating func finish() throws(SpreadsheetError) -> [UInt8] {
    guard !isClosed, zip_close(archive) == 0 else { throw Self.failure }
    isClosed = true
    guard zip_source_open(target) == 0 else { throw Self.failure }
    defer { zip_source_close(target) }
    guard zip_source_seek(target, 0, SEEK_END) == 0 else { throw Self.failure }
    let count = zip_source_tell(target)
    guard count >= 0, zip_source_seek(target, 0, SEEK_SET) == 0 else { throw Self.failure }
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
      let read = zip_source_read(target, buffer.baseAddress, UInt64(count))
      initialized = max(0, Int(read))
    }
    guard bytes.count == Int(count) else { throw Self.failure }
    return bytes
  }

  private static var failure: SpreadsheetError { SpreadsheetError(.file, "libzip could not write the workbook") }
}
