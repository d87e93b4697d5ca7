internal import Capture

/// A few values of a row as bytes. Values that stand in the row's kept key already take one byte.
enum RowStub {
  private enum Tag: UInt8 {
    case null, integer, real, text, bytes, integerOfKey, textOfKey, foreignText
  }

  /// `places`: of the values in the row, those of its key first. `texts`: of the kept key, one for each of its columns.
  static func encode(_ row: SourceRow, _ places: [Int], texts: [String?], into bytes: inout [UInt8]) {
    for (number, place) in places.enumerated() {
      let text = number < texts.count ? texts[number] : nil
      switch row.values[place] {
      case .integer(let value) where text == String(value): bytes.append(Tag.integerOfKey.rawValue)
      case .text(let value) where text == value: bytes.append(Tag.textOfKey.rawValue)
      case let value: append(value, to: &bytes)
      }
    }
  }

  /// Tag, length where it varies, and the value.
  static func append(_ value: SourceValue, to bytes: inout [UInt8]) {
    switch value {
    case .null: bytes.append(Tag.null.rawValue)
    case .integer(let number):
      bytes.append(Tag.integer.rawValue)
      append(UInt64(bitPattern: number), to: &bytes)
    case .real(let number):
      bytes.append(Tag.real.rawValue)
      append(number.bitPattern, to: &bytes)
    case .text(let text):
      bytes.append(Tag.text.rawValue)
      append(UInt64(text.utf8.count), to: &bytes)
      bytes.append(contentsOf: text.utf8)
    case .bytes(let blob), .foreignText(let blob):
      if case .bytes = value { bytes.append(Tag.bytes.rawValue) } else { bytes.append(Tag.foreignText.rawValue) }
      append(UInt64(blob.count), to: &bytes)
      bytes.append(contentsOf: blob)
    }
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// The row with these values, and null in all other columns; nil: the bytes are none of ours. `key`: as it is kept.
  static func decode(_ bytes: [UInt8], _ table: SourceTable, _ places: [Int], key: [UInt8]) -> SourceRow? {
    var rest = bytes[...]
    var keyRest = key.dropFirst(4)
    var values = [SourceValue](repeating: .null, count: table.columns.count)
    func number(_ count: Int, _ slice: inout ArraySlice<UInt8>) -> UInt64? {
      guard slice.count >= count else { return nil }
      defer { slice = slice.dropFirst(count) }
      return slice.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
    }
    func part(_ count: UInt64?, _ slice: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
      guard let count, count <= UInt64(slice.count) else { return nil }
      defer { slice = slice.dropFirst(Int(count)) }
      return slice.prefix(Int(count))
    }
    for (index, place) in places.enumerated() {
      var text: String?
      if index < table.key.count, let length = number(2, &keyRest), length != 0xFFFF {
        text = part(length, &keyRest).map { String(decoding: $0, as: UTF8.self) }
      }
      guard let tag = number(1, &rest).flatMap({ Tag(rawValue: UInt8($0)) }) else { return nil }
      switch tag {
      case .null: continue
      case .integer:
        guard let value = number(8, &rest) else { return nil }
        values[place] = .integer(Int64(bitPattern: value))
      case .real:
        guard let value = number(8, &rest) else { return nil }
        values[place] = .real(Double(bitPattern: value))
      case .text:
        guard let value = part(number(8, &rest), &rest) else { return nil }
        values[place] = .text(String(decoding: value, as: UTF8.self))
      case .bytes, .foreignText:
        guard let value = part(number(8, &rest), &rest) else { return nil }
        values[place] = tag == .bytes ? .bytes(Array(value)) : .foreignText(Array(value))
      case .integerOfKey:
        guard let value = text.flatMap({ Int64($0) }) else { return nil }
        values[place] = .integer(value)
      case .textOfKey:
        guard let text else { return nil }
        values[place] = .text(text)
      }
    }
    return SourceRow(table, values)
  }
}
