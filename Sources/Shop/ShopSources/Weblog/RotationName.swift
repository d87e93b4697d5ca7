/// What the name of a file beside a web log says: whether it is the log itself, or one of its rotations.
///
/// Known are numbers (`access.log.1`), dates and stamps (`access.log-20261130`, `access.log.1764460800`), both also
/// before the extension (`access-20261130.log`, `access.1.log`), and `access.log.old`; each also compressed. Names tell
/// nothing of the order of files: their first lines do.
struct RotationName: Equatable {
  /// How a file is packed.
  enum Packing: Equatable {
    case none, gzip
    /// By a program whose files are not read.
    case other
  }

  /// The log itself.
  var isCurrent = false
  /// Numbered behind its whole name, as `access.log.1`: what earlier versions knew.
  var isNumbered = false
  var packing = Packing.none

  /// nil: a file of this name is none of the log called `base`.
  init?(_ name: String, of base: String) {
    if name == base {
      isCurrent = true
      return
    }
    var rest = Array(name.utf8)[...]
    for (ending, packing) in Self.packings where rest.count > ending.count && rest.suffix(ending.count) == ending[...] {
      self.packing = packing
      rest = rest.dropLast(ending.count)
      break
    }
    let base = Array(base.utf8)
    if rest.starts(with: base) {
      let suffix = rest.dropFirst(base.count)
      if suffix.isEmpty { return }
      isNumbered = suffix.first == UInt8(ascii: ".") && suffix.dropFirst().allSatisfy(Self.isDigit)
      guard suffix.elementsEqual(".old".utf8) || Self.isStamp(suffix) else { return nil }
      return
    }
    // The extension stays last. Other logs of the folder are called so, too ("access-8080.log"): only what is a date,
    // or a small number behind a dot.
    guard let dot = base.lastIndex(of: UInt8(ascii: ".")), dot > 0, rest.count > base.count,
      rest.starts(with: base[..<dot]), rest.suffix(base.count - dot) == base[dot...]
    else { return nil }
    let middle = rest.dropFirst(dot).dropLast(base.count - dot)
    let isNumber = middle.count <= 4 && middle.first == UInt8(ascii: ".") && middle.dropFirst().allSatisfy(Self.isDigit)
    guard Self.isStamp(middle), isNumber || Self.isDate(middle.dropFirst()) else { return nil }
  }

  /// Whether a file that is none by its name may be a rotation all the same, under a name of its owner's.
  static func isLikely(_ name: String, of base: String) -> Bool {
    let rest = name.utf8.dropFirst(base.utf8.count)
    return name.hasPrefix(base) && rest.first.map { "-._".utf8.contains($0) } == true && rest.contains(where: isDigit)
  }

  private static let packings: [([UInt8], Packing)] =
    [(Array(".gz".utf8), .gzip)]
    + [".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z", ".zip"].map { (Array($0.utf8), .other) }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }

  /// A separator, then digits, signs of dates, and names of months and days.
  private static func isStamp(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, "-._".utf8.contains(first), bytes.count > 1, bytes.contains(where: isDigit) else {
      return false
    }
    var rest = String(decoding: bytes, as: UTF8.self)
    if let letter = rest.first(where: \.isLetter), !"TWZ".contains(letter) || rest.contains(where: \.isLowercase) {
      for name in names { rest = rest.replacing(name, with: "") }
    }
    return rest.utf8.allSatisfy { isDigit($0) || "-._:+TWZ".utf8.contains($0) }
  }

  private static let names =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"].flatMap {
      [$0, $0.lowercased(), $0.uppercased()]
    } + ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  /// A year and a month at least, or seconds since 1970.
  private static func isDate(_ bytes: ArraySlice<UInt8>) -> Bool {
    let digits = Array(bytes.filter(isDigit))
    if digits.count == 10, digits.count == bytes.count, digits[0] == UInt8(ascii: "1") { return true }
    guard digits.count >= 6, digits.starts(with: "19".utf8) || digits.starts(with: "20".utf8) else { return false }
    let month = Int(digits[4] - UInt8(ascii: "0")) * 10 + Int(digits[5] - UInt8(ascii: "0"))
    return (1...12).contains(month)
  }
}
