/// Which list a sheet belongs to, by its name.
enum SheetList {
  /// A file that is sent again: "google.csv", and "google (1).csv", as browsers name what they fetch once more.
  static func file(_ name: String) -> String {
    let (stem, ending) = parts(of: name)
    guard stem.hasSuffix(")"), let open = stem.lastIndex(of: "("), open > stem.startIndex else { return name }
    let inside = stem[stem.index(after: open)...].dropLast()
    guard !inside.isEmpty, inside.allSatisfy(\.isNumber), stem[stem.index(before: open)] == " " else { return name }
    return String(stem[..<open].dropLast()) + String(ending)
  }

  /// A list at different times: "leads-2026-10-05.xlsx", "leads 01.12.2026.csv", "Leads (2).csv", "leads November.csv"
  /// are the list "leads".
  static func list(_ name: String) -> String {
    let stem = parts(of: name).stem.lowercased()
    return stem.split { !$0.isLetter }.filter { word in
      // "2026-10-05b": a letter behind a number counts on.
      let isCount =
        word.count == 1 && word.startIndex > stem.startIndex && stem[stem.index(before: word.startIndex)].isNumber
      return !isCount && !times.contains(String(word))
    }.joined(separator: " ")
  }

  private static func parts(of name: String) -> (stem: Substring, ending: Substring) {
    guard let point = name.lastIndex(of: ".") else { return (name[...], "") }
    return (name[..<point], name[point...])
  }

  /// Words that tell one state of a list from another, and not one list from another.
  private static let times: Set<String> = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "t", "z", "utc",
    "copy", "v",
  ]
}
