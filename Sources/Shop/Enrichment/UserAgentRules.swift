internal import YAML

/// One of uap-core's three lists: patterns, and for each result field a template or the number of a group.
/// https://github.com/ua-parser/uap-core/blob/master/docs/specification.md
struct UserAgentRules: Sendable {
  /// A result field: the key of its template in the file, and the group that stands in when there is none.
  struct Field {
    var key: String
    var group: Int?
  }

  static let browserFields = [
    Field(key: "family_replacement", group: 1), Field(key: "v1_replacement", group: 2),
    Field(key: "v2_replacement", group: 3), Field(key: "v3_replacement", group: 4),
    Field(key: "v4_replacement", group: 5),
  ]
  static let osFields = [
    Field(key: "os_replacement", group: 1), Field(key: "os_v1_replacement", group: 2),
    Field(key: "os_v2_replacement", group: 3), Field(key: "os_v3_replacement", group: 4),
    Field(key: "os_v4_replacement", group: 5),
  ]
  static let deviceFields = [
    Field(key: "device_replacement", group: 1), Field(key: "brand_replacement", group: nil),
    Field(key: "model_replacement", group: 1),
  ]

  private let patterns: PatternSet
  /// By pattern, then field.
  private let templates: [[[UInt8]?]]
  private let groups: [Int?]

  init(_ root: YAMLNode, list: String, fields: [Field], path: String) throws(EnrichmentError) {
    func failure(_ node: YAMLNode, _ problem: String) -> EnrichmentError {
      EnrichmentError(
        operation: "load the user agent patterns", cause: "\(path):\(node.line):\(node.column): \(problem)",
        hint: "install the Debian package uap-core again; its regexes.yaml is such a file")
    }
    guard let node = root[list], let rules = node.elements, !rules.isEmpty else {
      throw failure(root, "there is no list \(list)")
    }
    var entries: [(pattern: String, ignoringCase: Bool)] = []
    var templates: [[[UInt8]?]] = []
    for rule in rules {
      guard let regex = rule["regex"]?.text else { throw failure(rule, "a rule without regex") }
      let flag = rule["regex_flag"]?.text
      guard flag == nil || flag == "i" else { throw failure(rule, "the only regex_flag known is i") }
      entries.append((regex, flag != nil))
      templates.append(fields.map { field in (rule[field.key]?.text).map { Array($0.utf8) } })
    }
    do throws(PatternSet.Failure) {
      patterns = try PatternSet(entries)
    } catch {
      throw failure(rules[error.index], "the pattern cannot be used (\(error.reason))")
    }
    self.templates = templates
    groups = fields.map(\.group)
  }

  /// The fields of the first rule that matches; nil when none does. An empty field is an absent one.
  func fields(of text: UnsafeBufferPointer<UInt8>) -> [String?]? {
    guard let match = patterns.firstMatch(in: text) else { return nil }
    return zip(templates[match.pattern], groups).map { template, group in
      if let template { return UserAgentRules.text(UserAgentRules.expand(template, match.groups, text)[...]) }
      guard let group, group < match.groups.count, let range = match.groups[group] else { return nil }
      return UserAgentRules.text(text[range])
    }
  }

  /// `$1` to `$9` stand for groups; a group that took no part is nothing.
  private static func expand(
    _ template: [UInt8], _ groups: [PatternSet.Group?], _ text: UnsafeBufferPointer<UInt8>
  ) -> [UInt8] {
    guard template.contains(UInt8(ascii: "$")) else { return template }
    var result: [UInt8] = []
    var index = 0
    while index < template.count {
      if template[index] == UInt8(ascii: "$"), index + 1 < template.count, (0x31...0x39).contains(template[index + 1]) {
        let group = Int(template[index + 1] - 0x30)
        if group < groups.count, let range = groups[group] { result.append(contentsOf: text[range]) }
        index += 2
      } else {
        result.append(template[index])
        index += 1
      }
    }
    return result
  }

  private static func text(_ bytes: some BidirectionalCollection<UInt8>) -> String? {
    let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0d).contains(byte) }
    let trimmed = bytes.drop(while: isSpace)
    guard let last = trimmed.lastIndex(where: { !isSpace($0) }) else { return nil }
    return String(decoding: trimmed[...last], as: UTF8.self)
  }
}
