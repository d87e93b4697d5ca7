/// A row of an entity that changed.
@usableFromInline package struct Change<Row: Sendable & Equatable>: Sendable, Equatable {
  /// The row before; nil for create and snapshot.
  @usableFromInline package var before: Row?
  /// The row after; nil for delete.
  @usableFromInline package var after: Row?
  @inlinable package init(before: Row? = nil, after: Row? = nil) {
    self.before = before
    self.after = after
  }

  /// The row as it is, or as it was before it was deleted; nil where a delete tells its key alone.
  package var newest: Row? { after ?? before }
}
