/// Text that stays readable: trimmed, and cut where it is too long.
package enum ClearText {
  /// At most `limit` bytes, cut between characters.
  package static func cut(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
    while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }

  /// Without white space, as Unicode knows it, at both ends.
  package static func trimmed(_ text: String) -> String {
    let isSpace = { (character: Unicode.Scalar) in character.properties.isWhitespace }
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }), let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}
