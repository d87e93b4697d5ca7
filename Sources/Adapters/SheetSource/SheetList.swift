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
  /// are the list "leads". So is "leads-2.csv", whose number may count on or may be a name (`numbered`).
  static func list(_ name: String) -> String {
    let stem = parts(of: name).stem.lowercased()
    return stem.split { !$0.isLetter }.filter { word in
      // "2026-10-05b": a letter behind a number counts on.
      let isCount =
        word.count == 1 && word.startIndex > stem.startIndex && stem[stem.index(before: word.startIndex)].isNumber
      return !isCount && !times.contains(String(word))
    }.joined(separator: " ")
  }

  /// The list with the numbers that may be part of its name: "team 2" of "team2 2026-10-05.csv"; nil: it has none.
  /// Days, months, years and times of day are no names, nor are what counts copies, versions, weeks and quarters.
  static func numbered(_ name: String) -> String? {
    let runs = runs(of: parts(of: file(name)).stem.lowercased())
    let days = daysAndTimes(runs)
    var numbers: [Substring] = []
    for index in runs.indices where isNumber(runs, index) && !days.contains(index) {
      let neighbours = [-2, -1, 1, 2].compactMap { word(runs, index + $0) }
      if neighbours.contains(where: { times.contains($0) || counts.contains($0) }) { continue }
      numbers.append(runs[index].drop { $0 == "0" })
    }
    return numbers.isEmpty ? nil : ([list(name)] + numbers.map(String.init)).joined(separator: " ")
  }

  /// Which of the runs are parts of days and of times: years, and the numbers beside them; pairs as in "08-00".
  private static func daysAndTimes(_ runs: [Substring]) -> Set<Int> {
    var found = Set(runs.indices.filter { isNumber(runs, $0) && runs[$0].count >= 4 })
    for year in found where runs[year].count == 4 {
      // Behind the year, or before it; a blank joins only what is a whole day.
      let behind = [year + 2, year + 4].prefix {
        isShort(runs, $0) && (isJoined(runs, $0 - 1) || isShort(runs, year + 4))
      }
      let before = [year - 2, year - 4].prefix {
        isShort(runs, $0) && (isJoined(runs, $0 + 1) || isShort(runs, year - 4))
      }
      found.formUnion(behind.isEmpty ? before : behind)
    }
    for index in runs.indices where isShort(runs, index) && isShort(runs, index + 2) && isJoined(runs, index + 1) {
      found.formUnion([index, index + 2])
    }
    return found
  }

  private static func isNumber(_ runs: [Substring], _ index: Int) -> Bool {
    runs.indices.contains(index) && runs[index].first?.isNumber == true
  }

  private static func isShort(_ runs: [Substring], _ index: Int) -> Bool {
    isNumber(runs, index) && runs[index].count <= 2
  }

  /// Whether the run is a sign that joins the parts of a day or a time.
  private static func isJoined(_ runs: [Substring], _ index: Int) -> Bool {
    runs.indices.contains(index) && ["-", ".", ":", "_"].contains(runs[index])
  }

  /// Runs of letters, of digits, and of what is between them.
  private static func runs(of stem: String) -> [Substring] {
    func kind(_ character: Character) -> Int { character.isNumber ? 0 : character.isLetter ? 1 : 2 }
    var runs: [Substring] = []
    var rest = stem[...]
    while let first = rest.first {
      let run = rest.prefix { kind($0) == kind(first) }
      runs.append(run)
      rest = rest.dropFirst(run.count)
    }
    return runs
  }

  /// The word in a place; nil: there is none.
  private static func word(_ runs: [Substring], _ index: Int) -> String? {
    runs.indices.contains(index) && runs[index].first?.isLetter == true ? String(runs[index]) : nil
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
  /// Words whose number counts on.
  private static let counts: Set<String> = [
    "q", "w", "cw", "kw", "wk", "week", "quarter", "month", "day", "version", "ver", "rev", "part", "export", "no",
  ]
}
