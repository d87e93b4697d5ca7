/// How sources may be called.
extension SourceRegistry {
  /// Names under which capture's own files keep something else.
  package static let reservedNames: Set<String> = [
    TroubleNote.log, CaptureConfiguration.Role.capture.rawValue, CaptureConfiguration.Role.operator.rawValue,
  ]

  /// Whether a source may have this name, which stands in every one of its records: 1 to 64 letters, digits, "-" and
  /// "_", of ASCII.
  package static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// The kind whose source has this name where there is one of each; nil: it is nobody's.
  package func kind(ofFirst name: String) -> SourceKind? { kinds.first { $0.sourceName == name } }
}

/// Holds the listed names against those that capture knows, and remembers their kinds.
struct SourceNames {
  let configuration: CaptureConfiguration
  let kinds: SourceRegistry
  let outbox: Outbox

  /// Throws `.configuration` where a source seems to have got another name: capture knows one that is no longer listed,
  /// and of a listed one of the same kind nothing was captured yet. Its rows would all come again, as another system's.
  func check() throws {
    let known = try outbox.sourceNames()
    let listed = Set(configuration.sources.map(\.name) + configuration.switchedOff)
    for old in known.subtracting(listed).sorted() {
      guard let kind = try kind(of: old),
        let new = configuration.sources.first(where: { $0.kind == kind.name && !known.contains($0.name) })
      else { continue }
      let place = kind.place.rawValue
      throw CaptureError(
        .configuration, operation: "start",
        cause: "millrace.yaml lists '\(new.name)', of which nothing was captured yet, and no longer '\(old)', of which "
          + "the log has records; a source that gets another name would be another system with the same rows",
        hint: "call it '\(old)' again; or, if '\(new.name)' is another system, keep the old one in the list, switched "
          + "off, {name: \(old), kind: \(kind.name), \(place): null}, and give '\(new.name)' its own \(place)")
    }
    for source in configuration.sources where try outbox.fact(Self.fact(source.name)) != source.kind {
      try outbox.setFact(Self.fact(source.name), source.kind)
    }
  }

  /// nil: what is no longer listed is of no kind that there is.
  private func kind(of name: String) throws -> SourceKind? {
    try outbox.fact(Self.fact(name)).flatMap { kinds.kind(named: $0) } ?? kinds.kind(ofFirst: name)
  }

  private static func fact(_ name: String) -> String { "kind of \(name)" }
}
