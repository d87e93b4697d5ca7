internal import Foundation

/// Data files as bytes.
enum DataFile {
  /// The whole file, at most `limit` bytes. `hint` tells where the file comes from when it is missing.
  static func read(_ path: String, limit: Int, operation: String, hint: String) throws(EnrichmentError) -> [UInt8] {
    guard let file = fopen(path, "rb") else {
      throw EnrichmentError(operation: operation, cause: "\(path): \(String(cString: strerror(errno)))", hint: hint)
    }
    defer { fclose(file) }
    var size = 0
    if fseek(file, 0, SEEK_END) == 0 { size = ftell(file) }
    rewind(file)
    guard size >= 0, size <= limit else {
      throw EnrichmentError(
        operation: operation, cause: "\(path): larger than \(limit) bytes or no plain file", hint: hint)
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = fread(buffer.baseAddress, 1, size, file)
    }
    guard bytes.count == size, ferror(file) == 0 else {
      throw EnrichmentError(operation: operation, cause: "\(path): cannot be read whole", hint: hint)
    }
    return bytes
  }
}
