internal import Text

// What a key is written as outside of events: bytes for routing, ties, fingerprints and stored columns, and a text for
// people and JSON. Two keys have the same form only if they are equal.

extension RowKey where P == PersonToken {
  /// Appends the canonical bytes. Compared byte by byte they are in the order of the keys.
  ///
  /// For each part its type's number (1 integer, 2 text, 3 UUID, 4 bytes, 5 personal), then: an integer as 8 bytes,
  /// big-endian, with the sign's bit turned over; a UUID or a token as its 16 bytes; a text or bytes with each 0
  /// followed by 255, and a 0 at the end.
  package func appendCanonical(to buffer: inout [UInt8]) {
    append(to: &buffer) { token, buffer in buffer.append(contentsOf: token.bytes) }
  }

  /// `appendCanonical`, as an array.
  package var canonicalBytes: [UInt8] {
    var buffer: [UInt8] = []
    appendCanonical(to: &buffer)
    return buffer
  }
}

extension RowKey where P == Person {
  /// Appends canonical bytes with the clear value in the place of a token, like a text's: input of a keyed hash, and
  /// nothing else.
  package func appendClear(to buffer: inout [UInt8]) {
    append(to: &buffer) { value, buffer in Self.append(ended: value.bytes, to: &buffer) }
  }
}

extension RowKey {
  private func append(to buffer: inout [UInt8], personal: (P.Field, inout [UInt8]) -> Void) {
    guard let composed else { return Self.append(.integer(number), to: &buffer, personal) }
    for part in composed { Self.append(part, to: &buffer, personal) }
  }

  private static func append(
    _ part: Part, to buffer: inout [UInt8], _ personal: (P.Field, inout [UInt8]) -> Void
  ) {
    buffer.append(part.type)
    switch part {
    case .integer(let value): append(number: UInt64(bitPattern: value) ^ (1 << 63), to: &buffer)
    case .text(let text): append(ended: text.utf8, to: &buffer)
    case .uuid(let high, let low):
      append(number: high, to: &buffer)
      append(number: low, to: &buffer)
    case .bytes(let bytes): append(ended: bytes, to: &buffer)
    case .personal(let value): personal(value, &buffer)
    }
  }

  private static func append(number: UInt64, to buffer: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { buffer.append(contentsOf: $0) }
  }

  private static func append(ended bytes: some Collection<UInt8>, to buffer: inout [UInt8]) {
    for byte in bytes {
      buffer.append(byte)
      if byte == 0 { buffer.append(0xff) }
    }
    buffer.append(0)
  }
}

extension RowKey where P == PersonToken {
  /// For people and JSON: 385, 'it''s', 0198c1d2-…, x'00ff', token:0123…, and several parts as (1,'a').
  package var text: String {
    let parts = parts
    if parts.count == 1 { return Self.text(of: parts[0]) }
    return "(" + parts.map(Self.text(of:)).joined(separator: ",") + ")"
  }

  private static func text(of part: Part) -> String {
    switch part {
    case .integer(let value): return "\(value)"
    case .text(let text):
      // By bytes: a quote with an accent behind it is another character, but a quote all the same.
      let quote = UInt8(ascii: "'")
      guard text.utf8.contains(quote) else { return "'" + text + "'" }
      return "'" + String(decoding: text.utf8.flatMap { $0 == quote ? [$0, $0] : [$0] }, as: UTF8.self) + "'"
    case .uuid(let high, let low):
      let digits = Hexadecimal.text(high) + Hexadecimal.text(low)
      var rest = digits[...]
      return [8, 4, 4, 4, 12].map { count in
        defer { rest = rest.dropFirst(count) }
        return String(rest.prefix(count))
      }.joined(separator: "-")
    case .bytes(let bytes): return "x'" + Hexadecimal.text(bytes) + "'"
    case .personal(let token): return "token:" + token.hexadecimal
    }
  }
}
