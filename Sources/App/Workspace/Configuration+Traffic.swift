internal import Enrichment
internal import Failures
internal import YAML

/// What the file says about the people and programs of web logs.
extension Configuration.Reader {
  func readRobots(_ node: YAMLNode) throws -> [String] {
    if node.isNull { return [] }
    return try elements(of: node).map { element in
      let pattern = try text(element)
      do throws(EnrichmentError) {
        try UserAgentDatabase.check(robot: pattern)
      } catch {
        throw element.error(in: file, error.cause, hint: error.hint)
      }
      return pattern
    }
  }

  func readPlaceholders(_ node: YAMLNode) throws -> [String] {
    if node.isNull { return [] }
    return try elements(of: node).map { element in
      let words = try text(element)
      guard words.contains(where: { $0.isLetter || $0.isNumber }) else {
        throw element.error(
          in: file, "this names nothing", hint: "write an address, a domain behind its \"@\", or a word")
      }
      return words
    }
  }

  /// "medium", "source" or "source / medium" → the name of a channel.
  func readChannels(_ node: YAMLNode) throws -> [String: MarketingChannel] {
    if node.isNull { return [:] }
    guard let entries = node.entries else {
      throw node.error(
        in: file, "here stands \(node.kind) where words are expected", hint: "write 'word: channel' lines")
    }
    var channels: [String: MarketingChannel] = [:]
    for entry in entries {
      guard let channel = MarketingChannel(named: try text(entry.value)) else {
        let names = MarketingChannel.allCases.map(\.name).joined(separator: ", ")
        throw entry.value.error(in: file, "this is no channel", hint: "channels are \(names)")
      }
      guard entry.key.contains(where: { $0 != "/" && !$0.isWhitespace }) else {
        throw entry.value.error(in: file, "a channel for no word", hint: "write the word before the colon")
      }
      channels[entry.key] = channel
    }
    return channels
  }
}
