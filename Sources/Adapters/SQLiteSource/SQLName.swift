/// Names of a source's tables and columns inside SQL. They are a stranger's: anything may stand in them.
enum SQLName {
  /// As an identifier.
  static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

  /// As a text.
  static func text(_ name: String) -> String { "'\(name.replacing("'", with: "''"))'" }

  /// As an identifier, quoted only where it must be: triggers of earlier versions are recognised by their text.
  static func plain(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    return isPlain ? name : quoted(name)
  }
}
