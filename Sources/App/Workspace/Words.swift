/// Text from outside as it may be shown in an error: at most 60 characters, and without control characters.
package func printable(_ text: String) -> String {
  String(
    text.prefix(60).map {
      $0.unicodeScalars.contains {
        $0.properties.generalCategory == .control || $0.properties.generalCategory == .format
      } ? "\u{FFFD}" : $0
    })
}

/// The candidate that a mistyped word most likely meant (edit distance at most two, one for short words), or nil.
package func nearest(to word: String, among candidates: [String]) -> String? {
  func distance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let above = row[j + 1]
        row[j + 1] = a == b ? diagonal : min(diagonal, above, row[j]) + 1
        diagonal = above
      }
    }
    return row[right.count]
  }
  let typed = Array(word.prefix(40))
  return candidates.map { ($0, distance(typed, Array($0))) }.filter { $0.1 <= (typed.count > 3 ? 2 : 1) }.min {
    $0.1 < $1.1
  }?.0
}
