package import Entity
package import Privacy

/// A row that a source keeps between runs, committed together with the events: sealed, under a key that is a token.
package struct StateWrite: Sendable, Equatable {
  /// A token, of whatever the source likes.
  package var key: [UInt8]
  /// nil: the row is forgotten.
  package var digest: [UInt8]?
  /// What is kept, sealed; nil: the digest alone.
  package var content: PersonalData?
  /// Whose data key seals `content`.
  package var subjects: [Subject]
  package init(key: [UInt8], digest: [UInt8]?, content: PersonalData? = nil, subjects: [Subject] = []) {
    self.key = key
    self.digest = digest
    self.content = content
    self.subjects = subjects
  }
}

/// What a source keeps with one batch, in the order in which it was written.
///
/// A database's first read keeps a row for each of its own. Those without a content lie one behind the other in one
/// buffer, so that none costs an allocation. They are committed before those with a content; so one key must not be
/// written in both ways by one batch.
package struct StateWrites: Sendable {
  private struct Place {
    var key: Range<Int32>
    /// Negative: the row is forgotten.
    var digestCount: Int32
  }

  private var bytes: [UInt8] = []
  private var places: [Place] = []
  /// With a content.
  package private(set) var sealed: [StateWrite] = []

  /// With nothing in it.
  package init() {}
  /// Each as by `append`.
  package init(_ writes: [StateWrite]) {
    for write in writes { append(write) }
  }

  /// Nothing is to be kept or forgotten.
  package var isEmpty: Bool { places.isEmpty && sealed.isEmpty }
  /// Of those without a content.
  package var plainCount: Int { places.count }

  /// Empty, with room for as much as there is in another one.
  package init(asLargeAs other: StateWrites) {
    bytes.reserveCapacity(other.bytes.count)
    places.reserveCapacity(other.places.count)
  }

  /// Keeps or forgets a row.
  package mutating func append(_ write: StateWrite) {
    if write.digest != nil, write.content != nil { sealed.append(write) } else { append(write.key, write.digest) }
  }

  /// `digest` nil: the row is forgotten.
  package mutating func append(_ key: [UInt8], _ digest: [UInt8]?) {
    let start = Int32(bytes.count)
    bytes.append(contentsOf: key)
    let end = Int32(bytes.count)
    if let digest { bytes.append(contentsOf: digest) }
    places.append(Place(key: start..<end, digestCount: digest.map { Int32($0.count) } ?? -1))
  }

  /// Lends each row without a content from the given one on. `digest` nil: it is forgotten.
  package func forEachPlain(
    from first: Int = 0, _ body: (_ key: UnsafeRawBufferPointer, _ digest: UnsafeRawBufferPointer?) throws -> Void
  ) rethrows {
    try bytes.withUnsafeBytes { buffer in
      for place in places.dropFirst(first) {
        let end = Int(place.key.upperBound)
        let key = UnsafeRawBufferPointer(rebasing: buffer[Int(place.key.lowerBound)..<end])
        let count = Int(place.digestCount)
        try body(key, count < 0 ? nil : UnsafeRawBufferPointer(rebasing: buffer[end..<end + count]))
      }
    }
  }

  /// One by one; for sources with few, and tests.
  package var all: [StateWrite] {
    var all: [StateWrite] = []
    forEachPlain { all.append(StateWrite(key: Array($0), digest: $1.map { Array($0) })) }
    return all + sealed
  }
}
