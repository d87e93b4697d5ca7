internal import CYAML
internal import Foundation

/// Reads one YAML document into a tree. No aliases (a few lines of them expand to gigabytes), no tags, no second
/// document, no doubled keys: none of these has a use in configuration or in uap-core's data, and each hides a mistake.
package enum YAMLDocument {
  /// Reads a file of at most `limits.bytes`. Blocks on the file; 5 ms for uap-core's 200 KB of patterns.
  package static func load(path: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLNode {
    guard let file = fopen(path, "rb") else {
      throw YAMLError(
        file: path, line: 0, column: 0, problem: "cannot be opened (\(String(cString: strerror(errno))))",
        hint: "check the path and its permissions")
    }
    defer { fclose(file) }
    // One byte more than allowed tells "exactly the limit" from "too large" without trusting a size that may change.
    var bytes = [UInt8](repeating: 0, count: 64 * 1024)
    var count = 0
    while true {
      if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
      let space = min(bytes.count - count, limits.bytes + 1 - count)
      let read = bytes.withUnsafeMutableBytes { fread($0.baseAddress.map { $0 + count }, 1, space, file) }
      count += read
      if read == 0 || count > limits.bytes { break }
    }
    guard ferror(file) == 0 else {
      throw YAMLError(
        file: path, line: 0, column: 0, problem: "cannot be read (\(String(cString: strerror(errno))))",
        hint: "it must be a plain file")
    }
    return try parse(bytes[..<count], name: path, limits: limits)
  }

  /// `name` stands in errors. An empty document is a null scalar.
  package static func parse(_ text: String, name: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError)
    -> YAMLNode
  {
    try parse(ArraySlice(text.utf8), name: name, limits: limits)
  }

  package static func parse(
    _ bytes: ArraySlice<UInt8>, name: String, limits: YAMLLimits = YAMLLimits()
  ) throws(YAMLError) -> YAMLNode {
    guard bytes.count <= limits.bytes else {
      throw YAMLError(
        file: name, line: 0, column: 0, problem: "is larger than \(limits.bytes) bytes",
        hint: "is this the right file?")
    }
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<YAMLNode, YAMLError> in
      guard var builder = TreeBuilder(buffer, name: name, limits: limits) else {
        return .failure(
          YAMLError(file: name, line: 0, column: 0, problem: "no memory for a parser", hint: "free some memory"))
      }
      do throws(YAMLError) {
        return .success(try builder.document())
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

/// Owns libyaml's parser while one document is read; lives inside the borrow of the bytes it points at.
private struct TreeBuilder: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let name: String
  private let limits: YAMLLimits
  private var nodes = 0

  init?(_ bytes: UnsafeBufferPointer<UInt8>, name: String, limits: YAMLLimits) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      return nil
    }
    self.parser = parser
    self.name = name
    self.limits = limits
    // Fixed, so that a byte order mark cannot make the same bytes mean UTF-16.
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    if let base = bytes.baseAddress {
      yaml_parser_set_input_string(parser, base, bytes.count)
    } else {
      yaml_parser_set_input_string(parser, "", 0)
    }
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  mutating func document() throws(YAMLError) -> YAMLNode {
    var root = YAMLNode(content: .scalar("", isPlain: true), line: 1, column: 1)
    var documents = 0
    while true {
      var event = try next()
      defer { yaml_event_delete(&event) }
      switch event.type {
      case YAML_STREAM_END_EVENT:
        return root
      case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT:
        continue
      case YAML_DOCUMENT_START_EVENT:
        documents += 1
        guard documents == 1 else {
          throw error(event.start_mark, "a second document begins", hint: "keep one document in the file, without ---")
        }
      default:
        root = try node(event, depth: 0)
      }
    }
  }

  private mutating func next() throws(YAMLError) -> yaml_event_t {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
    return event
  }

  private mutating func node(_ event: borrowing yaml_event_t, depth: Int) throws(YAMLError) -> YAMLNode {
    let start = event.start_mark
    nodes += 1
    guard nodes <= limits.nodes else {
      throw error(start, "there are more than \(limits.nodes) values", hint: "is this the right file?")
    }
    switch event.type {
    case YAML_SCALAR_EVENT:
      try refuse(anchor: event.data.scalar.anchor, tag: event.data.scalar.tag, at: start)
      let scalar = event.data.scalar
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return node(.scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), start)
    case YAML_SEQUENCE_START_EVENT:
      try refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, at: start)
      try checkDepth(depth, start)
      var elements: [YAMLNode] = []
      while true {
        var inner = try next()
        defer { yaml_event_delete(&inner) }
        if inner.type == YAML_SEQUENCE_END_EVENT { return node(.sequence(elements), start) }
        elements.append(try node(inner, depth: depth + 1))
      }
    case YAML_MAPPING_START_EVENT:
      try refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, at: start)
      try checkDepth(depth, start)
      return node(.mapping(try entries(depth: depth)), start)
    default:
      throw error(start, "an alias (*name) stands here", hint: "write the value out; aliases are not read")
    }
  }

  private mutating func entries(depth: Int) throws(YAMLError) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var seen: Set<String> = []
    while true {
      var event = try next()
      defer { yaml_event_delete(&event) }
      if event.type == YAML_MAPPING_END_EVENT { return entries }
      let key = try node(event, depth: depth + 1)
      guard case .scalar(let name, _) = key.content else {
        throw error(event.start_mark, "\(key.kind) stands where a key belongs", hint: "keys are plain words")
      }
      // A set pays only for large mappings; small ones are most of uap-core's 130,000 nodes.
      let doubled: Bool
      if entries.count < 16 {
        doubled = entries.contains { $0.key == name }
      } else {
        if seen.isEmpty { seen = Set(entries.map(\.key)) }
        doubled = !seen.insert(name).inserted
      }
      guard !doubled else {
        throw error(event.start_mark, "the key \"\(name)\" stands twice", hint: "remove one of the two")
      }
      var value = try next()
      defer { yaml_event_delete(&value) }
      entries.append(
        YAMLNode.Entry(key: name, line: key.line, column: key.column, value: try node(value, depth: depth + 1)))
    }
  }

  private func checkDepth(_ depth: Int, _ mark: yaml_mark_t) throws(YAMLError) {
    guard depth < limits.depth else {
      throw error(mark, "more than \(limits.depth) levels lie in each other", hint: "flatten the structure")
    }
  }

  private func refuse(
    anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?, at mark: yaml_mark_t
  ) throws(YAMLError) {
    if anchor != nil { throw error(mark, "an anchor (&name) stands here", hint: "anchors and aliases are not read") }
    if tag != nil { throw error(mark, "a tag (!name) stands here", hint: "tags are not read; write the plain value") }
  }

  private func node(_ content: YAMLNode.Content, _ mark: yaml_mark_t) -> YAMLNode {
    YAMLNode(content: content, line: Int(mark.line) &+ 1, column: Int(mark.column) &+ 1)
  }

  private func error(_ mark: yaml_mark_t, _ problem: String, hint: String) -> YAMLError {
    YAMLError(file: name, line: Int(mark.line) &+ 1, column: Int(mark.column) &+ 1, problem: problem, hint: hint)
  }

  private func syntaxError() -> YAMLError {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
    switch parser.pointee.error {
    case YAML_READER_ERROR:
      // The reader knows an offset only; the scanner stands where the bad byte comes next.
      return error(parser.pointee.mark, problem, hint: "save the file as UTF-8 without control characters")
    case YAML_MEMORY_ERROR:
      return error(parser.pointee.mark, "no memory", hint: "free some memory")
    default:
      return error(
        parser.pointee.problem_mark, problem, hint: "check indentation (spaces, no tabs), quotes and colons here")
    }
  }
}
