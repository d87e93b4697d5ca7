package import Capture
internal import Text
internal import YAML

/// The `sources:` block: a list of sources, or as earlier versions wrote it a mapping from fixed keys to paths.
extension Configuration.Reader {
  func readSources(_ node: YAMLNode, into settings: inout Configuration) throws {
    if let elements = node.elements {
      settings.sources = try list(elements)
    } else {
      settings.sources = try earlier(node)
    }
  }

  // MARK: The list

  private func list(_ elements: [YAMLNode]) throws -> [SourceDescription] {
    var sources: [SourceDescription] = []
    for element in elements {
      guard let source = try source(element) else { continue }
      if sources.contains(where: { $0.name == source.name }) {
        let isFolder = registry.kind(named: source.kind)?.place == .folder
        throw element.error(
          in: file, "here stands a second source of kind \(source.kind)",
          hint: "for now its records could not be told from the first one's; give it a workspace of its own"
            + (isFolder ? ", or put its sheets into the first one's folder" : ""))
      }
      sources.append(source)
    }
    return sources
  }

  /// nil: it is switched off.
  private func source(_ node: YAMLNode) throws -> SourceDescription? {
    let kinds = registry.names
    guard node.entries != nil else {
      throw node.error(
        in: file, "here stands \(node.kind) where a source is expected",
        hint: "write - {name: weblog, kind: weblog, path: sources/weblogs/access.log}")
    }
    guard let given = node["kind"] else {
      // So that a mistyped 'kind' is named as what it is.
      _ = try entries(of: node, ["name", "kind", "path", "folder", "mapping"])
      throw node.error(in: file, "kind is missing", hint: "write kind: \(kinds.joined(separator: ", or "))")
    }
    let name = try text(given)
    guard let kind = registry.kind(named: name) else {
      let near = nearest(to: name, among: kinds).map { "did you mean '\($0)'?" }
      throw given.error(
        in: file, "unknown kind of source '\(printable(name))'",
        hint: near ?? "known here: \(kinds.joined(separator: ", "))")
    }
    _ = try entries(of: node, kind.keys)
    var source = SourceDescription(kind)
    source.name = try self.name(node, kind)
    if let mapping = node["mapping"] { source.mapping = try self.mapping(mapping, kind) }
    guard let place = node[kind.place.rawValue] else {
      throw node.error(
        in: file, "\(kind.place.rawValue) is missing", hint: "write \(kind.place.rawValue): \(kind.defaultPlace)")
    }
    if place.isNull { return nil }
    source.place = try text(place)
    return source
  }

  private func name(_ node: YAMLNode, _ kind: SourceKind) throws -> String {
    guard let given = node["name"] else {
      throw node.error(in: file, "name is missing", hint: "write name: \(kind.sourceName)")
    }
    let name = try text(given)
    guard name == kind.sourceName else {
      throw given.error(
        in: file, "a source of kind \(kind.name) cannot be called '\(printable(name))' for now",
        hint: "the name stands in every record of the log, whose format knows one for each kind; write name: "
          + kind.sourceName)
    }
    return name
  }

  private func mapping(_ node: YAMLNode, _ kind: SourceKind) throws -> String {
    let name = try text(node)
    guard kind.mappings.contains(name) else {
      let near = nearest(to: name, among: kind.mappings).map { "did you mean '\($0)'?" }
      throw node.error(
        in: file, "unknown mapping '\(printable(name))'",
        hint: near ?? "known here: \(kind.mappings.joined(separator: ", "))")
    }
    return name
  }

  // MARK: As earlier versions wrote it

  /// Keys that are absent have their default; a value of null switches one off.
  private func earlier(_ node: YAMLNode) throws -> [SourceDescription] {
    let given = try entries(of: node, registry.kinds.compactMap(\.earlierKey))
    let named = try given.compactMap { entry -> SourceDescription? in
      guard !entry.value.isNull, let kind = registry.kind(earlier: entry.key) else {
        return nil
      }
      return SourceDescription(kind, at: try text(entry.value))
    }
    return named
      + registry.kinds.filter { kind in !given.contains { $0.key == kind.earlierKey } }.map { SourceDescription($0) }
  }
}

extension Configuration {
  /// The source of a kind; nil: it is switched off, or not listed.
  package func source(_ kind: SourceKind) -> SourceDescription? { sources.first { $0.kind == kind.name } }
}

extension SourceDescription {
  /// Its entry in the list, as one line.
  var entry: String {
    let key = (SourceRegistry.shop.kind(named: kind)?.place ?? .path).rawValue
    let end = mapping.map { ", mapping: \($0)}" } ?? "}"
    return "- {name: \(name), kind: \(kind), \(key): \(Self.quoted(place))" + end
  }

  /// Plain where no reader could take it for anything else.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"):
        true
      default: byte == UInt8(ascii: "-")
      }
    }
    // A path of one word may look like a number or a truth value.
    return isPlain && text.contains("/") && text.utf8.first != UInt8(ascii: "-") ? text : JSON.text(text).text
  }
}

extension Configuration {
  /// The list of the sources that a workspace has at first, each explained.
  static let firstSources = SourceRegistry.shop.kinds.flatMap { kind in
    ["  # \(kind.meaning)", "  \(SourceDescription(kind).entry)"]
  }.joined(separator: "\n")
}
