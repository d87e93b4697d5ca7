package import Capture
internal import Text
internal import YAML

/// The `sources:` block: a list of sources, or as earlier versions wrote it a mapping from fixed keys to paths.
extension Configuration.Reader {
  func readSources(_ node: YAMLNode, into settings: inout Configuration) throws {
    if let elements = node.elements {
      settings.sources = try list(elements, &settings.switchedOff)
    } else {
      settings.sources = try earlier(node)
    }
  }

  // MARK: The list

  private func list(_ elements: [YAMLNode], _ switchedOff: inout [SourceDescription]) throws -> [SourceDescription] {
    var listed: [(source: SourceDescription, node: YAMLNode, isOn: Bool)] = []
    for element in elements {
      let (source, isOn) = try source(element)
      if listed.contains(where: { $0.source.name == source.name }) {
        throw element.error(
          in: file, "here stands a second source of the name '\(source.name)'",
          hint: "records are told apart by their source's name; give this one another")
      }
      let same = listed.first { $0.isOn && isOn && SourceDescription.isSamePlace($0.source, source) }
      if let same {
        throw element.error(
          in: file, "'\(source.name)' and '\(same.source.name)' read the same place, \(printable(source.place))",
          hint: "its records would be in the log twice; list it once")
      }
      listed.append((source, element, isOn))
    }
    for (source, node, _) in listed {
      for (key, name) in source.references {
        try checkReference(key, name, of: source, node, among: listed.map(\.source))
      }
    }
    switchedOff = listed.filter { !$0.isOn }.map(\.source)
    return listed.filter(\.isOn).map(\.source)
  }

  /// A source that is named by another one must be listed, or be the one that is meant where nothing is said.
  private func checkReference(
    _ key: String, _ name: String, of source: SourceDescription, _ node: YAMLNode, among listed: [SourceDescription]
  ) throws {
    guard let reference = registry.kind(named: source.kind)?.references.first(where: { $0.key == key }),
      name != reference.otherwise
    else { return }
    let known = listed.filter { $0.kind == reference.kind }.map(\.name)
    guard !known.contains(name) else { return }
    let near = nearest(to: name, among: known).map { "did you mean '\($0)'?" }
    let names = known.isEmpty ? "list it first" : "listed here: \(known.joined(separator: ", "))"
    throw (node[key] ?? node).error(
      in: file, "there is no source '\(printable(name))' of kind \(reference.kind)", hint: near ?? names)
  }

  /// `isOn`: whether it is captured.
  private func source(_ node: YAMLNode) throws -> (SourceDescription, isOn: Bool) {
    let kinds = registry.names
    guard node.entries != nil else {
      throw node.error(
        in: file, "here stands \(node.kind) where a source is expected",
        hint: "write - {name: weblog, kind: weblog, path: sources/weblogs/access.log}")
    }
    guard let given = node["kind"] else {
      // So that a mistyped 'kind' is named as what it is.
      _ = try entries(
        of: node,
        ["name", "kind", "path", "folder", "mapping"] + registry.kinds.flatMap(\.references).map(\.key)
          + registry.kinds.flatMap(\.choices).map(\.key) + registry.kinds.flatMap(\.folders))
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
    for reference in kind.references {
      if let given = node[reference.key] { source.references[reference.key] = try text(given) }
    }
    for choice in kind.choices {
      if let given = node[choice.key] { source.choices[choice.key] = try word(given, choice) }
    }
    for key in kind.folders { if let given = node[key] { source.folders[key] = try text(given) } }
    if place.isNull { return (source, false) }
    source.place = try text(place)
    return (source, true)
  }

  private func name(_ node: YAMLNode, _ kind: SourceKind) throws -> String {
    guard let given = node["name"] else {
      throw node.error(in: file, "name is missing", hint: "write name: \(kind.sourceName)")
    }
    let name = try text(given)
    guard SourceRegistry.isName(name) else {
      throw given.error(
        in: file, "'\(printable(name))' is no name of a source", hint: "1 to 64 letters, digits, '-' and '_' are")
    }
    let owner = registry.kind(ofFirst: name)
    if SourceRegistry.reservedNames.contains(name) || (owner != nil && owner?.name != kind.name) {
      throw given.error(
        in: file, "a source of kind \(kind.name) cannot be called '\(name)'",
        hint: "records of this name are of \(owner.map { "kind \($0.name)" } ?? "Millrace itself"); give it another")
    }
    return name
  }

  private func word(_ node: YAMLNode, _ choice: SourceKind.Choice) throws -> String {
    let word = try text(node)
    if let numbers = choice.numbers {
      guard let number = Int64(word), numbers.contains(number) else {
        throw node.error(
          in: file, "\(choice.key) takes a whole number, not '\(printable(word))'",
          hint: "\(numbers.lowerBound) to \(numbers.upperBound)")
      }
      return String(number)
    }
    guard choice.words.contains(word) else {
      let near = nearest(to: word, among: choice.words).map { "did you mean '\($0)'?" }
      throw node.error(
        in: file, "unknown word '\(printable(word))' for \(choice.key)",
        hint: near ?? "known here: \(choice.words.joined(separator: ", "))")
    }
    return word
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
    let others =
      (mapping.map { [("mapping", $0)] } ?? []) + references.sorted { $0.key < $1.key }
      + choices.sorted { $0.key < $1.key }
      + folders.sorted { $0.key < $1.key }.map { ($0.key, Self.quoted($0.value)) }
    return "- {name: \(name), kind: \(kind), \(key): \(Self.quoted(place))"
      + others.map { ", \($0.0): \($0.1)" }.joined() + "}"
  }

  /// Whether two sources read the same file or folder, as far as their paths tell.
  static func isSamePlace(_ one: SourceDescription, _ other: SourceDescription) -> Bool {
    normalized(one.place) == normalized(other.place)
  }

  /// Without what changes nothing: doubled slashes, one at the end, ".", and ".." behind a name.
  private static func normalized(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
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
