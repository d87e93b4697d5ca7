internal import Capture

/// A change as a trigger has recorded it.
struct RecordedChange {
  /// The table's place in the mapping.
  var table: Int
  /// nil: the row was made.
  var before: SourceRow?
  /// nil: the row was deleted.
  var after: SourceRow?
  var referred: String
  /// Only the key was recorded.
  var isKeyOnly = false
  var slot: Slot

  /// When it happened, as far as its recording tells.
  struct Slot {
    var sequence: Int64
    var mark: String
    /// Among the changes of one number.
    var index: UInt32 = 0
  }

  /// Completes a change of which the key alone was recorded, by the row as it stands; where nobody can tell how that
  /// is, it says nothing.
  mutating func take(_ standing: RowChange?, canTell: Bool) {
    let row = after ?? before
    after = standing?.row
    referred = standing?.referred ?? ""
    if !canTell {
      before = nil
    } else if standing == nil {
      before = row
    }
  }

  /// Any row of it; both have one key.
  var row: SourceRow? { after ?? before }
}

/// A row whose newest change that was taken says otherwise than the row stands.
struct UnsettledRow {
  var table: Int
  var row: SourceRow
}

/// SQLite runs what a trigger of the source does before ours has recorded what fired it, or after, as they were made.
/// So the changes of one row may stand in another order than they happened in, and the last one may say what the row
/// was before.
enum ChangeOrder {
  /// Longer chains are not put in order, which takes time by the square.
  private static let longestChain = 64

  /// Puts the changes of one row, which stand at `places`, so that they end with the row as it stands (nil: it is
  /// gone). Each change keeps what it says where that is possible; otherwise the last one says how the row stands.
  static func settle(_ changes: inout [RecordedChange], at places: [Int], standing: RowChange?) {
    guard let last = places.last, changes[last].after?.values != standing?.row.values else { return }
    if let order = order(changes, places, endingWith: standing?.row), order != places {
      let slots = places.map { changes[$0].slot }
      let moved = order.map { changes[$0] }
      for (index, place) in places.enumerated() {
        changes[place] = moved[index]
        changes[place].slot = slots[index]
      }
      return
    }
    let row = changes[last].row
    changes[last].after = standing?.row
    if let standing {
      changes[last].referred = standing.referred
    } else {
      changes[last].before = row
    }
  }

  /// Each change begins with what the one before it has left; nil: there is no such order.
  private static func order(_ changes: [RecordedChange], _ places: [Int], endingWith row: SourceRow?) -> [Int]? {
    guard places.count > 1, places.count <= longestChain else { return nil }
    var rest = places
    var backwards: [Int] = []
    var state = row
    while let next = rest.lastIndex(where: { changes[$0].after?.values == state?.values }) {
      let place = rest.remove(at: next)
      backwards.append(place)
      state = changes[place].before
    }
    return rest.isEmpty ? backwards.reversed() : nil
  }
}
