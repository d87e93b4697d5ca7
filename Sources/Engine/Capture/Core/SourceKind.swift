internal import Enrichment
internal import Privacy

/// What a source of one kind is: what millrace.yaml says of it, what it gives, how it is opened. `SourceKind.all`
/// registers them; nothing else knows a kind by name.
package struct SourceKind: Sendable {
  /// Whether it reads one file or the files of a folder.
  package enum Place: String, Sendable {
    case path
    case folder
  }

  /// What sources are opened with.
  struct Tools {
    var keyring: Keyring
    var countries: CountryDatabase?
    var installsTriggers: Bool
  }

  /// As `kind:` names it.
  package var name: String
  /// The name that its records carry. Format 1 of the log has one for each kind, so a source can have no other.
  package var sourceName: String
  /// The key that says where it is.
  package var place: Place
  /// Where it is in a workspace whose millrace.yaml says nothing, inside the workspace.
  package var defaultPlace: String
  /// How tables become events; the first is the default. Empty: it takes none.
  package var mappings: [String] = []
  /// Topics that its events go to.
  package var topics: [String]
  /// Whether its events need countries of addresses.
  package var needsCountries = false
  /// Its key where `sources:` is a mapping, as earlier versions wrote it.
  package var earlierKey: String
  /// For people who read millrace.yaml.
  package var meaning: String
  var open: @Sendable (SourceDescription, Tools) throws -> any CaptureSource

  /// The keys that its entry in millrace.yaml takes.
  package var keys: [String] { ["name", "kind", place.rawValue] + (mappings.isEmpty ? [] : ["mapping"]) }

  /// nil: there is no such kind.
  package static func named(_ name: String) -> SourceKind? { all.first { $0.name == name } }
}

/// One source as millrace.yaml lists it.
package struct SourceDescription: Sendable, Equatable {
  /// As its records carry it.
  package var name: String
  /// Of a `SourceKind`.
  package var kind: String
  /// The file or folder.
  package var place: String
  package var mapping: String?

  /// A source of this kind under the kind's own name, with its default mapping.
  package init(_ kind: SourceKind, at place: String? = nil) {
    name = kind.sourceName
    self.kind = kind.name
    self.place = place ?? kind.defaultPlace
    mapping = kind.mappings.first
  }

  /// What a workspace has whose millrace.yaml says nothing of sources.
  package static let defaults = SourceKind.all.map { SourceDescription($0) }
}
