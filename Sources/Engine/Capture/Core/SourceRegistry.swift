package import Privacy
package import Telemetry

/// What a source of one kind is: what millrace.yaml says of it, what it gives, how it is opened. An application lists
/// its kinds in a `SourceRegistry`; nothing else knows a kind by name.
package struct SourceKind: Sendable {
  /// A key that entries of one kind take, and whose value is the name of a source.
  package struct Reference: Sendable {
    /// The key.
    package var key: String
    /// The kind of the source that is named.
    package var kind: String
    /// Whose name is meant where nothing is said.
    package var otherwise: String

    package init(key: String, kind: String, otherwise: String) {
      self.key = key
      self.kind = kind
      self.otherwise = otherwise
    }
  }

  /// A key that entries of one kind take, and whose value is one of a list of words, or a number.
  package struct Choice: Sendable {
    /// The key.
    package var key: String
    /// What may stand there; the first is meant where nothing is said. Empty: a number.
    package var words: [String]
    /// Which whole numbers may stand there; nil: none.
    package var numbers: ClosedRange<Int64>?

    package init(key: String, words: [String]) {
      self.key = key
      self.words = words
    }

    /// `numbers`: which may stand there.
    package init(key: String, numbers: ClosedRange<Int64>) {
      self.key = key
      words = []
      self.numbers = numbers
    }
  }

  /// Whether it reads one file or the files of a folder.
  package enum Place: String, Sendable {
    case path
    case folder
  }

  /// What sources of every kind are opened with. What one kind alone needs, its `open` brings along.
  package struct Tools {
    /// For tokens and routes.
    package var keyring: Keyring
    /// Whether a source may add to the system that it reads what it needs to see changes.
    package var installsTriggers: Bool
    /// Where a source counts what it reads.
    package var metrics: Metrics
    /// Names of files that are read though something about them is odd.
    package var accepted: Set<String>

    package init(
      keyring: Keyring, installsTriggers: Bool, metrics: Metrics = Metrics(), accepted: Set<String> = []
    ) {
      self.accepted = accepted
      self.keyring = keyring
      self.installsTriggers = installsTriggers
      self.metrics = metrics
    }
  }

  /// As `kind:` names it.
  package var name: String
  /// The name of a kind's source where there is one of each. Format 1 of the log knew these names only; no source of
  /// another kind may have it.
  package var sourceName: String
  /// Topics that its sources write to.
  package var topics: [String]
  /// The key that says where it is.
  package var place: Place
  /// Where it is in a workspace whose millrace.yaml says nothing, inside the workspace.
  package var defaultPlace: String
  /// How tables become events; the first is the default. Empty: it takes none.
  package var mappings: [String]
  /// Which other sources an entry may name.
  package var references: [Reference]
  /// Which words an entry may choose among, and which numbers it may say.
  package var choices: [Choice]
  /// Keys that an entry takes beside its place, and whose values are folders.
  package var folders: [String]
  /// Its key where `sources:` is a mapping, as earlier versions wrote it; nil: they did not know it.
  package var earlierKey: String?
  /// For people who read millrace.yaml.
  package var meaning: String
  /// Makes a source of this kind. Throws where the description or the keys are wrong; what is wrong with the place
  /// itself is found out when the source is read.
  package var open: @Sendable (SourceDescription, Tools) throws -> any CaptureSource
  /// Takes out of the source what `installsTriggers` has put there. Blocks. nil: such a source is only ever read.
  package var removeTriggers: (@Sendable (SourceDescription) throws -> Void)?

  package init(
    name: String, sourceName: String, topics: [String], place: Place, defaultPlace: String, mappings: [String] = [],
    references: [Reference] = [], choices: [Choice] = [], folders: [String] = [], earlierKey: String? = nil,
    meaning: String,
    removeTriggers: (@Sendable (SourceDescription) throws -> Void)? = nil,
    open: @escaping @Sendable (SourceDescription, Tools) throws -> any CaptureSource
  ) {
    self.name = name
    self.sourceName = sourceName
    self.topics = topics
    self.place = place
    self.defaultPlace = defaultPlace
    self.mappings = mappings
    self.references = references
    self.choices = choices
    self.folders = folders
    self.earlierKey = earlierKey
    self.meaning = meaning
    self.removeTriggers = removeTriggers
    self.open = open
  }

  /// The keys that its entry in millrace.yaml takes.
  package var keys: [String] {
    ["name", "kind", place.rawValue] + (mappings.isEmpty ? [] : ["mapping"]) + references.map(\.key)
      + choices.map(\.key) + folders
  }
}

/// The kinds of sources there are, and what follows from their list: names for help texts and typing mistakes, and what
/// a workspace has whose configuration says nothing.
package struct SourceRegistry: Sendable {
  /// In the order in which they are listed, and read first where that matters.
  package let kinds: [SourceKind]

  /// Names must differ: two kinds of one name are a mistake of ours, not of data.
  package init(_ kinds: [SourceKind]) {
    precondition(Set(kinds.map(\.name)).count == kinds.count, "two kinds of sources of one name")
    precondition(Set(kinds.map(\.sourceName)).count == kinds.count, "two kinds whose records carry one name")
    self.kinds = kinds
  }

  /// Of all kinds, in their order.
  package var names: [String] { kinds.map(\.name) }

  /// The kind of this name; nil: there is none.
  package func kind(named name: String) -> SourceKind? { kinds.first { $0.name == name } }

  /// The kind that earlier versions knew under this key; nil: there is none.
  package func kind(earlier key: String) -> SourceKind? { kinds.first { $0.earlierKey == key } }

  /// One source of each kind, at its default place.
  package var defaults: [SourceDescription] { kinds.map { SourceDescription($0) } }

  /// A source as it is described. Throws `.configuration` where there is no such kind, and what its `open` throws.
  package func open(_ source: SourceDescription, _ tools: SourceKind.Tools) throws -> any CaptureSource {
    guard let kind = kind(named: source.kind) else {
      throw CaptureError(
        .configuration, operation: "open source \(source.name)", cause: "there is no kind \(source.kind)",
        hint: "known are \(names.joined(separator: ", "))")
    }
    return try kind.open(source, tools)
  }
}

/// One source as millrace.yaml lists it.
package struct SourceDescription: Sendable, Equatable {
  /// As its records carry it; the name of the system that it is.
  package var name: String
  /// Of a `SourceKind`.
  package var kind: String
  /// The file or folder.
  package var place: String
  /// One of the kind's mappings; nil: it takes none.
  package var mapping: String?
  /// Names of other sources, by the key of the kind's `Reference`; what is not said is not there.
  package var references: [String: String] = [:]
  /// Words that were chosen and numbers that were said, by the key of the kind's `Choice`; what is not said is not there.
  package var choices: [String: String] = [:]
  /// Folders beside the place, by their keys; what is not said is not there.
  package var folders: [String: String] = [:]

  /// A source of this kind under the kind's own name, with its default mapping.
  package init(_ kind: SourceKind, at place: String? = nil) {
    name = kind.sourceName
    self.kind = kind.name
    self.place = place ?? kind.defaultPlace
    mapping = kind.mappings.first
  }
}
