import Foundation
import TestSupport

/// Levels of modules, as `tools/check-boundaries` enforces them, read from that script.
struct Boundaries {
  let levels: [(module: String, level: Int)]

  init() throws {
    let script = try String(contentsOfFile: "\(Place.root)/tools/check-boundaries", encoding: .utf8)
    levels = script.block("LEVELS").matches(of: /"(\w+)": (\d+)/).map { (String($0.1), Int($0.2) ?? 0) }
  }
}

extension String {
  /// The text of a Python dictionary, up to the brace that stands alone on a line.
  fileprivate func block(_ name: String) -> Substring {
    guard let begin = range(of: "\(name) = {"), let end = range(of: "\n}", range: begin.upperBound..<endIndex) else {
      return ""
    }
    return self[begin.upperBound..<end.lowerBound]
  }
}
