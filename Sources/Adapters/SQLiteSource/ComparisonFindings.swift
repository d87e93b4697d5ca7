internal import Capture
internal import Money

/// What a comparison of tables with what was delivered of them has found.
struct ComparisonFindings {
  private var cause = ""
  var new = 0
  var changed = 0
  var gone = 0

  var isEmpty: Bool { new + changed + gone == 0 }

  /// `cause`: why it was made, in one phrase.
  mutating func begin(_ cause: String) {
    self = ComparisonFindings()
    self.cause = cause
  }

  /// For people; no content of the source.
  func text(at moment: Timestamp) -> String {
    let why = cause.isEmpty ? "some changes may have been missed" : "changes may have been missed (\(cause))"
    return
      "\(why); a comparison by key ended at \(moment.iso) and found \(new) new rows, \(changed) changed, \(gone) gone"
  }
}
