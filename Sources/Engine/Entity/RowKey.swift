/// What tells one row from all others of its entity and system (`Key` in `proto/millrace/v1/envelope.proto`): one part,
/// or several in the order of the source's key.
///
/// Keys are equal when their parts are, type and bytes: texts are not folded, 1 is not '1'.
///
/// One integer, what most keys are, takes no memory beside the value itself, and any key takes 16 bytes in every phase:
/// so rows that refer to others are laid out alike in all of them, and are copied without asking the phase's type.
@frozen @usableFromInline package struct RowKey<P: Phase>: Sendable {
  /// One column of a key.
  @usableFromInline package enum Part: Sendable {
    case integer(Int64)
    case text(String)
    /// 16 bytes, as two big-endian halves.
    case uuid(high: UInt64, low: UInt64)
    case bytes([UInt8])
    /// Personal data, such as an e-mail address: a seal in the log, a token behind it.
    case personal(P.Field)
  }

  /// The value of a key that is one integer; 0 in all others.
  @usableFromInline let number: Int64
  /// The parts of a key that is anything else; never one integer, never empty. nil: one integer.
  @usableFromInline let composed: [Part]?

  /// A key of one part, or of several.
  @inlinable package init(_ first: Part, _ rest: [Part] = []) {
    if rest.isEmpty, case .integer(let value) = first { self.init(value) } else { self.init(composed: [first] + rest) }
  }

  /// The common case: one integer.
  @inlinable package init(_ integer: Int64) {
    number = integer
    composed = nil
  }

  /// `parts`: not empty, and not one integer.
  @inlinable init(composed parts: [Part]) {
    number = 0
    composed = parts
  }

  /// nil: no part, or more than `EventLimits.keyParts`.
  package init?(parts: [Part]) {
    guard let first = parts.first, parts.count <= EventLimits.keyParts else { return nil }
    self.init(first, Array(parts.dropFirst()))
  }

  /// All parts in their order.
  package var parts: [Part] { composed ?? [.integer(number)] }
  /// The first part, and mostly the only one.
  package var first: Part { composed?.first ?? .integer(number) }
  /// The parts behind the first; nearly always none.
  package var rest: [Part] { composed.map { Array($0.dropFirst()) } ?? [] }

  /// The value where the key is one integer, and nothing else.
  @inlinable package var integer: Int64? { composed == nil ? number : nil }

  /// Whether a part of it is personal data.
  package var isPersonal: Bool {
    guard let composed else { return false }
    return composed.contains { if case .personal = $0 { true } else { false } }
  }
}

extension RowKey: ExpressibleByIntegerLiteral {
  /// A key that is one integer.
  @inlinable package init(integerLiteral value: Int64) { self.init(value) }
}

extension RowKey.Part {
  /// A tax number and the like: open, or personal.
  package init(_ value: Guarded<P>) {
    switch value {
    case .open(let text): self = .text(text)
    case .personal(let value): self = .personal(value)
    }
  }
}

extension RowKey {
  /// The key in another phase: its personal parts go through `transform`, in their order. `place`: that of the first
  /// part.
  @inlinable @inline(__always)
  package func mapPersonal<Q: Phase, E: Error>(
    _ place: PersonalPlace, _ transform: (P.Field, PersonalPlace) throws(E) -> Q.Field
  ) throws(E) -> RowKey<Q> {
    guard let composed else { return RowKey<Q>(number) }
    var mapped: [RowKey<Q>.Part] = []
    mapped.reserveCapacity(composed.count)
    var place = place
    for part in composed {
      mapped.append(try part.mapPersonal(place, transform))
      place.part &+= 1
    }
    return RowKey<Q>(composed: mapped)
  }
}

extension RowKey.Part {
  @inlinable @inline(__always)
  func mapPersonal<Q: Phase, E: Error>(
    _ place: PersonalPlace, _ transform: (P.Field, PersonalPlace) throws(E) -> Q.Field
  ) throws(E) -> RowKey<Q>.Part {
    switch self {
    case .integer(let value): .integer(value)
    case .text(let text): .text(text)
    case .uuid(let high, let low): .uuid(high: high, low: low)
    case .bytes(let bytes): .bytes(bytes)
    case .personal(let value): .personal(try transform(value, place))
    }
  }
}

// MARK: Equality and order

extension RowKey.Part: Equatable {
  /// By type, then by bytes: the standard library's equality of texts would take two spellings of one letter for one
  /// key.
  @usableFromInline package static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): left == right
    case (.text(let left), .text(let right)): left.hasSameBytes(as: right)
    case (.uuid(let high, let low), .uuid(let otherHigh, let otherLow)): high == otherHigh && low == otherLow
    case (.bytes(let left), .bytes(let right)): left == right
    case (.personal(let left), .personal(let right)): left == right
    default: false
    }
  }
}

extension RowKey.Part: Hashable where P.Field: Hashable {
  @usableFromInline package func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    switch self {
    case .integer(let value): hasher.combine(value)
    case .text(var text):
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
      hasher.combine(UInt8(0xff))
    case .uuid(let high, let low):
      hasher.combine(high)
      hasher.combine(low)
    case .bytes(let bytes): hasher.combine(bytes)
    case .personal(let value): hasher.combine(value)
    }
  }
}

extension RowKey: Equatable {
  /// Same parts of the same types; texts byte by byte.
  @inlinable package static func == (left: Self, right: Self) -> Bool {
    if left.composed == nil, right.composed == nil { return left.number == right.number }
    return isSameComposed(left, right)
  }

  @usableFromInline static func isSameComposed(_ left: Self, _ right: Self) -> Bool { left.composed == right.composed }
}

extension RowKey: Hashable where P.Field: Hashable {
  @usableFromInline package func hash(into hasher: inout Hasher) {
    if let composed { hasher.combine(composed) } else { hasher.combine(number) }
  }
}

extension RowKey.Part {
  /// Types in their order; also the tag in the canonical bytes. Never changed: what is stored is sorted by them.
  var type: UInt8 {
    switch self {
    case .integer: 1
    case .text: 2
    case .uuid: 3
    case .bytes: 4
    case .personal: 5
    }
  }
}

extension RowKey.Part: Comparable where P.Field: Comparable {
  /// By type, then by value: integers as numbers, all others byte by byte, the shorter first where one begins the
  /// other.
  @usableFromInline package static func < (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): left < right
    case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
    case (.uuid(let high, let low), .uuid(let otherHigh, let otherLow)): (high, low) < (otherHigh, otherLow)
    case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
    case (.personal(let left), .personal(let right)): left < right
    default: left.type < right.type
    }
  }
}

extension RowKey: Comparable where P.Field: Comparable {
  /// Part by part; of two keys, one of which begins the other, the shorter is first. The canonical bytes are in the
  /// same order.
  @usableFromInline package static func < (left: Self, right: Self) -> Bool {
    if let left = left.integer, let right = right.integer { return left < right }
    return left.parts.lexicographicallyPrecedes(right.parts)
  }
}
