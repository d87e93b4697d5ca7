package import Entity

/// What the contract says of one kind of thing that events tell about: for mappings of sources, checks and documents.
/// `EntityDescriptor.all` has one for each.
package struct EntityDescriptor: Sendable, Equatable {
  package enum Kind: Sendable {
    /// A row of a source that changes: its events hold the state before, the state after, or both.
    case row
    /// Something that happens once.
    case occurrence
    /// What capture itself says, on every topic.
    case control
  }

  /// What a field's values are.
  package enum ValueType: Sendable, Equatable {
    case integer32, integer64, natural32, natural64
    /// 64 bits of a digest.
    case hash64
    case text
    /// Exact, up to nine digits behind the point.
    case decimal
    /// A day from 1970 to 9999.
    case date
    /// Milliseconds since 1970, up to 9999.
    case moment
    /// ISO 3166-1 alpha-2.
    case country
    /// ISO 4217, an active one.
    case currency
    /// One of these, or a number that came later.
    case word([String])
    /// Key of a row: one part or several, whose types the source decides.
    case key
    /// A structure of its own, or a list of such.
    case message, list
  }

  package enum Privacy: Sendable, Equatable {
    case clear
    /// Personal data of everybody.
    case sealed(PersonalField)
    /// Personal data of natural persons, public for others.
    case guarded(PersonalField)
    /// A key, whose parts are personal where the source's are.
    case keyed(PersonalField)
  }

  package struct Field: Sendable, Equatable {
    /// In the contract: "order_id".
    package var name: String
    /// In its message; never used again for another.
    package var number: UInt32
    package var type: ValueType
    /// Every event has it.
    package var isRequired: Bool
    package var privacy: Privacy
    /// Format of the contract that has it first.
    package var since: UInt32
    /// What the name does not say; may be empty.
    package var meaning: String

    init(
      _ name: String, _ number: UInt32, _ type: ValueType, isRequired: Bool = true, privacy: Privacy = .clear,
      since: UInt32 = 1, meaning: String = ""
    ) {
      self.name = name
      self.number = number
      self.type = type
      self.isRequired = isRequired
      self.privacy = privacy
      self.since = since
      self.meaning = meaning
    }
  }

  /// In the contract: "order_line".
  package var name: String
  package var kind: Kind
  /// nil: events go to every topic.
  package var topic: String?
  /// Fields that together tell one row from all others of its system, where they do so in every source; empty: the key
  /// stands beside the content alone.
  package var key: [String]
  /// Fields that choose the partition; "order.channel" is the channel of the order that the row names.
  package var route: [String]
  /// Format of the contract that has it first.
  package var since: UInt32
  package var meaning: String
  package var fields: [Field]
}
