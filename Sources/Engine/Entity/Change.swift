/// A row of an entity that changed. Both states stand behind one reference: a row has up to twenty strings, and changes
/// are handed on more often than they are taken apart, or altered.
///
/// The reference is an indirect case's and no class's: what frees an instance of a generic class looks its type up anew
/// each time.
@frozen @usableFromInline package indirect enum Change<Row: Sendable & Equatable>: Sendable {
  case states(before: Row?, after: Row?)

  /// Neither: a delete of which nothing but the event's key is known.
  @inlinable @inline(__always)
  package init(before: Row? = nil, after: Row? = nil) { self = .states(before: before, after: after) }

  /// The row before; nil for create and snapshot.
  @inlinable package var before: Row? {
    get {
      switch self {
      case .states(let before, _): before
      }
    }
    set { self = .states(before: newValue, after: after) }
  }

  /// The row after; nil for delete.
  @inlinable package var after: Row? {
    get {
      switch self {
      case .states(_, let after): after
      }
    }
    set { self = .states(before: before, after: newValue) }
  }

  /// Whether there is a row before. (Comparing it with nil copies the row, and so does every optional of many fields.)
  @inlinable package var hasBefore: Bool {
    switch self {
    case .states(.some, _): true
    default: false
    }
  }

  /// Whether there is a row after: no delete.
  @inlinable package var hasAfter: Bool {
    switch self {
    case .states(_, .some): true
    default: false
    }
  }

  /// The row as it is, or as it was before it was deleted; nil where a delete tells its key alone.
  @inlinable package var newest: Row? { after ?? before }
}

extension Change: Equatable {
  @inlinable package static func == (left: Self, right: Self) -> Bool {
    left.before == right.before && left.after == right.after
  }
}
