/// One node of a document with the place it begins at (both count from 1), so that whoever finds a value wrong can
/// point at it. Keys of mappings are scalars, each at most once; aliases and tags do not occur (`YAMLDocument`).
package struct YAMLNode: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package let key: String
    package let line: Int
    package let column: Int
    package let value: YAMLNode
  }

  package enum Content: Equatable, Sendable {
    /// `isPlain`: written without quotes, so `null`, `true` or `12` may mean more than their letters.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    /// In the order of the file.
    case mapping([Entry])
  }

  package let content: Content
  package let line: Int
  package let column: Int

  /// The text of a scalar, quoted or plain; nil for an absent value (`isNull`) and for collections.
  package var text: String? {
    guard case .scalar(let text, _) = content, !isNull else { return nil }
    return text
  }

  /// Nothing after the colon, `~` or `null`; quoted text never is null.
  package var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
  }

  /// A plain decimal integer with an optional sign; nil for anything else, overflow included.
  package var integer: Int? {
    guard case .scalar(let text, isPlain: true) = content else { return nil }
    return Int(text)
  }

  /// A plain `true` or `false`. YAML 1.1's `yes` and `on` are refused: `country: no` must stay Norway.
  package var boolean: Bool? {
    guard case .scalar(let text, isPlain: true) = content else { return nil }
    return text == "true" ? true : text == "false" ? false : nil
  }

  package var elements: [YAMLNode]? {
    guard case .sequence(let elements) = content else { return nil }
    return elements
  }

  package var entries: [Entry]? {
    guard case .mapping(let entries) = content else { return nil }
    return entries
  }

  /// The value under a key of a mapping; nil when there is none or this is no mapping.
  package subscript(key: String) -> YAMLNode? {
    guard case .mapping(let entries) = content else { return nil }
    for entry in entries where entry.key == key { return entry.value }
    return nil
  }

  /// "a mapping", "a list", "a value": for messages about what stands where something else is wanted.
  package var kind: String {
    switch content {
    case .scalar: isNull ? "nothing" : "a value"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  /// An error that points at this node.
  package func error(in file: String, _ problem: String, hint: String) -> YAMLError {
    YAMLError(file: file, line: line, column: column, problem: problem, hint: hint)
  }
}
