package import Entity
internal import Foundation
internal import Glibc

/// One form per value, so that equal people get equal tokens. The rules belong to token key version 1: changing one of
/// them needs a new version and a replay.
///
/// The forms: `CanonicalForm`.
///
/// Bytes that are not UTF-8 are trimmed and otherwise kept. ASCII, nearly all there is, never leaves the lent buffers;
/// other text passes through a Swift string while it is normalised.
package enum Canonical {
  /// The canonical form, for look-ups and for `Subject`s of the vault.
  package static func value(_ data: PersonalData, field: PersonalField) -> PersonalData {
    var scratch = Scratch(capacity: max(64, data.bytes.count))
    data.bytes.withUnsafeBytes { append($0, field: field, to: &scratch) }
    return PersonalData(bytes: Array(scratch.bytes))
  }

  static func append(_ value: UnsafeRawBufferPointer, field: PersonalField, to output: inout Scratch) {
    switch field.form {
    case .text: appendText(value, .asIs, to: &output)
    case .lowercased: appendText(value, .lowercased, to: &output)
    case .collapsed: appendText(value, .collapsed, to: &output)
    case .digits: appendDigits(value, keepsPlus: false, keepsLetters: false, to: &output)
    case .phone: appendDigits(value, keepsPlus: true, keepsLetters: false, to: &output)
    case .document: appendDigits(value, keepsPlus: false, keepsLetters: true, to: &output)
    case .address: appendAddress(value, to: &output)
    case .bytes: output.append(trimmed(value))
    case .exact: output.append(value)
    case .labelledDigits:
      if isLabelled(value) {
        appendText(value, .asIs, to: &output)
      } else {
        appendDigits(value, keepsPlus: false, keepsLetters: false, to: &output)
      }
    }
  }

  private enum Style {
    case asIs
    case lowercased
    case collapsed
  }

  private static func appendText(_ value: UnsafeRawBufferPointer, _ style: Style, to output: inout Scratch) {
    var union: UInt8 = 0
    for byte in value { union |= byte }
    guard union < 0x80 else { return appendUnicode(value, style, to: &output) }
    let value = trimmed(value)
    switch style {
    case .asIs: output.append(value)
    case .lowercased:
      output.reserve(value.count)
      for byte in value { output.append(isUpper(byte) ? byte | 0x20 : byte) }
    case .collapsed:
      var isBlank = false
      for byte in value {
        if isSpace(byte) {
          isBlank = true
        } else {
          if isBlank { output.append(UInt8(ascii: " ")) }
          isBlank = false
          output.append(byte)
        }
      }
    }
  }

  private static func appendUnicode(_ value: UnsafeRawBufferPointer, _ style: Style, to output: inout Scratch) {
    guard let text = String(validating: value, as: UTF8.self) else { return output.append(trimmed(value)) }
    // Normalised after the lower-casing too, which can take a text out of normal form.
    let cased = style == .lowercased ? text.lowercased() : text
    let scalars = cased.precomposedStringWithCanonicalMapping.unicodeScalars
    var result = String.UnicodeScalarView()
    var blanks = String.UnicodeScalarView()
    for scalar in scalars {
      if scalar.properties.isWhitespace || scalar == "\u{feff}" {
        blanks.append(scalar)
        continue
      }
      if !result.isEmpty, !blanks.isEmpty {
        if style == .collapsed { result.append(" ") } else { result.append(contentsOf: blanks) }
      }
      blanks.removeAll(keepingCapacity: true)
      result.append(scalar)
    }
    var canonical = String(result)
    canonical.withUTF8 { output.append(UnsafeRawBufferPointer($0)) }
  }

  private static func appendDigits(
    _ value: UnsafeRawBufferPointer, keepsPlus: Bool, keepsLetters: Bool, to output: inout Scratch
  ) {
    let start = output.count
    if keepsPlus, trimmed(value).first == UInt8(ascii: "+") { output.append(UInt8(ascii: "+")) }
    let afterSign = output.count
    for byte in value {
      if isDigit(byte) {
        output.append(byte)
      } else if keepsLetters, isUpper(byte & 0xdf), byte < 0x80 {
        output.append(byte & 0xdf)
      }
    }
    if output.count == afterSign {
      output.truncate(to: start)
      appendText(value, .asIs, to: &output)
    }
  }

  /// Whether small letters and dashes stand in front of a colon.
  private static func isLabelled(_ value: UnsafeRawBufferPointer) -> Bool {
    let value = trimmed(value)
    let label = value.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") }
    return !label.isEmpty && label.count < value.count && value[label.count] == UInt8(ascii: ":")
  }

  private static func appendAddress(_ value: UnsafeRawBufferPointer, to output: inout Scratch) {
    let value = trimmed(value)
    if isPlainIPv4(value) { return output.append(value) }
    // 45 characters is the longest address text (INET6_ADDRSTRLEN less its NUL); NUL inside would cut the text short.
    guard (2...45).contains(value.count), !value.contains(0) else { return appendText(value, .asIs, to: &output) }
    withUnsafeTemporaryAllocation(byteCount: 48 + 16 + 48, alignment: 8) { memory in
      guard let base = memory.baseAddress else { return }
      let text = base.assumingMemoryBound(to: CChar.self)
      base.copyMemory(from: value.baseAddress ?? UnsafeRawPointer(base), byteCount: value.count)
      text[value.count] = 0
      let address = base + 48
      let canonical = (base + 64).assumingMemoryBound(to: CChar.self)
      guard inet_pton(AF_INET6, text, address) == 1 else { return appendText(value, .asIs, to: &output) }
      let isMapped =
        (0..<10).allSatisfy { address.load(fromByteOffset: $0, as: UInt8.self) == 0 }
        && address.load(fromByteOffset: 10, as: UInt16.self) == 0xffff
      let written =
        isMapped
        ? inet_ntop(AF_INET, address + 12, canonical, 48) : inet_ntop(AF_INET6, address, canonical, 48)
      guard written != nil else { return appendText(value, .asIs, to: &output) }
      output.append(UnsafeRawBufferPointer(start: canonical, count: strlen(canonical)))
    }
  }

  /// Four decimal numbers up to 255 without leading zeros: already the canonical form, and what nearly all lines hold.
  private static func isPlainIPv4(_ value: UnsafeRawBufferPointer) -> Bool {
    guard (7...15).contains(value.count) else { return false }
    var parts = 1
    var number = -1
    for byte in value {
      if byte == UInt8(ascii: ".") {
        guard number >= 0 else { return false }
        parts += 1
        number = -1
      } else {
        guard isDigit(byte), number != 0 else { return false }
        number = max(number, 0) * 10 + Int(byte - UInt8(ascii: "0"))
        guard number <= 255 else { return false }
      }
    }
    return parts == 4 && number >= 0
  }

  private static func trimmed(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var start = 0
    var end = value.count
    while start < end, isSpace(value[start]) { start += 1 }
    while end > start, isSpace(value[end - 1]) { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: value[start..<end])
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}
