package import Entity
internal import Text

/// The published description of `EventJSON`, made from the tables that the writer goes by: a JSON Schema (draft
/// 2020-12, https://json-schema.org/draft/2020-12/release-notes) and a page for people. `proto/json/` holds both.
package enum EventJSONSchema {
  /// All row types, in the contract's order, and the envelope and the rejection.
  package static var rows: [JSONOutline] { JSONTables.rows }
  package static var envelope: JSONOutline { JSONHead.table.outline }
  package static var rejection: JSONOutline { EventJSON.Rejection.table.outline }

  // MARK: Schema

  /// The whole schema file.
  package static var text: String {
    var lines = [
      "{",
      "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",",
      "  \"title\": \"Millrace tokenized event\",",
      "  \"description\": \"One record of a tokenized topic. Personal data appear as keyed tokens only.\",",
      "  \"type\": \"object\",",
    ]
    var properties = envelope.members.map { (name: $0.name, schema: property($0)) }
    let kinds = (rows.map(\.kind) + [rejection.kind]).map(quoted).joined(separator: ", ")
    for index in properties.indices {
      switch properties[index].name {
      case "format": properties[index].schema = "{\"const\": \(EventJSON.format)}"
      case "kind": properties[index].schema = "{\"enum\": [\(kinds)]}"
      default: break
      }
    }
    properties += [
      ("before", "{\"description\": \"the row before; null for what is new\"}"),
      ("after", "{\"description\": \"the row after; null for what was deleted\"}"),
      ("rejected", "{\"anyOf\": [{\"$ref\": \"#/$defs/\(rejection.kind)\"}, {\"type\": \"null\"}]}"),
    ]
    lines += object(properties, indent: "  ", endsWithComma: true)
    lines.append("  \"allOf\": [")
    for row in rows {
      let change = "{\"anyOf\": [{\"$ref\": \"#/$defs/\(row.kind)\"}, {\"type\": \"null\"}]}"
      lines.append(
        "    {\"if\": {\"properties\": {\"kind\": {\"const\": \(quoted(row.kind))}}}, \"then\": {\"properties\": "
          + "{\"before\": \(change), \"after\": \(change), \"rejected\": {\"type\": \"null\"}}, "
          + "\"anyOf\": [{\"not\": {\"properties\": {\"before\": {\"type\": \"null\"}, "
          + "\"after\": {\"type\": \"null\"}}}}, "
          + "{\"properties\": {\"operation\": {\"const\": \"delete\"}, \"key\": {\"type\": \"string\"}}}]}},")
    }
    lines += [
      "    {\"if\": {\"properties\": {\"kind\": {\"const\": \(quoted(rejection.kind))}}}, \"then\": {\"properties\": "
        + "{\"before\": {\"type\": \"null\"}, \"after\": {\"type\": \"null\"}, \"rejected\": {\"type\": \"object\"}}}}",
      "  ],",
      "  \"$defs\": {",
    ]
    for (name, schema) in values { lines.append("    \(quoted(name)): \(schema),") }
    let tables = rows + [rejection]
    for (index, table) in tables.enumerated() {
      lines += [
        "    \(quoted(table.kind)): {", "      \"description\": \(quoted(table.note)),", "      \"type\": \"object\",",
      ]
      lines += object(table.members.map { ($0.name, property($0)) }, indent: "      ", endsWithComma: false)
      lines.append(index == tables.count - 1 ? "    }" : "    },")
    }
    return (lines + ["  }", "}", ""]).joined(separator: "\n")
  }

  /// `properties`, all of them required, and nothing beside them.
  private static func object(
    _ properties: [(name: String, schema: String)], indent: String, endsWithComma: Bool
  ) -> [String] {
    var lines = ["\(indent)\"properties\": {"]
    for (index, property) in properties.enumerated() {
      let comma = index == properties.count - 1 ? "" : ","
      lines.append("\(indent)  \(quoted(property.name)): \(property.schema)\(comma)")
    }
    let names = properties.map { quoted($0.name) }.joined(separator: ", ")
    return lines + [
      "\(indent)},", "\(indent)\"required\": [\(names)],",
      "\(indent)\"additionalProperties\": false\(endsWithComma ? "," : "")",
    ]
  }

  private static func property(_ member: JSONMember) -> String {
    let schema = schema(of: member.shape)
    return member.note.isEmpty ? "{\(schema)}" : "{\(schema), \"description\": \(quoted(member.note))}"
  }

  /// The inside of a shape's schema object.
  private static func schema(of shape: JSONShape) -> String {
    switch shape {
    case .optional(let inner): "\"anyOf\": [{\(schema(of: inner))}, {\"type\": \"null\"}]"
    case .text: "\"type\": \"string\""
    case .texts: "\"type\": \"array\", \"items\": {\"type\": \"string\"}"
    case .name(let names):
      "\"type\": \"string\", \"anyOf\": [{\"enum\": [\(names.map(quoted).joined(separator: ", "))]}, "
        + "{\"$ref\": \"#/$defs/unknown_name\"}]"
    default: "\"$ref\": \"#/$defs/\(word(for: shape))\""
    }
  }

  /// One part of a row's key.
  private static let keyPart =
    "(-?[0-9]+|'([^']|'')*'|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|x'([0-9a-f]{2})*'|token:[0-9a-f]{32})"

  private static let values: [(name: String, schema: String)] = [
    ("int32", "{\"type\": \"integer\", \"minimum\": -2147483648, \"maximum\": 2147483647}"),
    ("int64", "{\"type\": \"integer\", \"minimum\": -9223372036854775808, \"maximum\": 9223372036854775807}"),
    ("uint32", "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 4294967295}"),
    ("uint64", "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 18446744073709551615}"),
    ("decimal", "{\"type\": \"string\", \"pattern\": \"^-?[0-9]+([.][0-9]{1,9})?$\"}"),
    (
      "day",
      "{\"type\": [\"string\", \"null\"], \"format\": \"date\", \"pattern\": \"^(19[7-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2}$\"}"
    ),
    (
      "moment",
      "{\"type\": [\"string\", \"null\"], \"format\": \"date-time\", "
        + "\"pattern\": \"^(19[7-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$\"}"
    ),
    ("token", "{\"type\": \"string\", \"pattern\": \"^[0-9a-f]{32}$\"}"),
    (
      "key",
      "{\"type\": \"string\", \"pattern\": \"^(\(keyPart)|[(]\(keyPart)(,\(keyPart))+[)])$\"}"
    ),
    ("hexadecimal", "{\"type\": \"string\", \"pattern\": \"^[0-9a-f]{16}$\"}"),
    ("unknown_name", "{\"type\": \"string\", \"pattern\": \"^unknown:-?[0-9]+$\"}"),
  ]

  // MARK: Page

  /// The whole page for people (Markdown).
  package static var page: String {
    var text = """
      # Tokenized events as JSON

      `millrace sanitize` writes each record of a topic as one JSON object; `event.schema.json` describes it. Both files are made
      from the tables that the writer goes by, and a test holds them true.

      - Every record of the original has exactly one object, in the same partition and order. Every key stands in every object;
        null means that there is nothing.
      - `event_id` tells duplicates: a log that delivers at least once may hold an event twice, and so may its copy.
      - Two states of one row: the one with the greater (`version_major`, `version_minor`) is the newer, whatever its offset.
      - Personal data stand as keyed tokens in members ending in `_token`: equal values of one kind have equal tokens within one
        `token_version`. For an erased person the name of the destroyed key stands in for every token of theirs.
      - Amounts are integers ending in `_minor` beside a `currency`, or exact decimals as strings; there is no floating point.
        Integers use the whole 64-bit range: read them as such, not as binary fractions.
      - Times are ISO 8601 in UTC with milliseconds, days ISO 8601; null where the year is outside 1970 to 9999.
      - Tokens, decimals, hexadecimal numbers, days and moments are strings; the schema has their patterns.
      - Keys of rows are strings, too: an integer as 385, a text as 'it''s', a UUID as it is usually written, bytes as
        x'00ff', personal data as token: and the token, several parts as (1,'a'). Two keys of one system are the same row if
        and only if they are the same string, byte by byte. A delete may have a key alone, and neither row.
      - A value of a list that this version does not know is "unknown:" and its number.
      - What a mart puts into quarantine before its rules see it has the kind `rejected` here, with the same stage and reason and
        no content; so counts balance. A copy opens every seal, a mart those of the fields that it reads: an event that has no
        other fault than a broken seal in another field is rejected here and counted there.
      - Heartbeats are passed on: where nothing happens, they say that nothing did.
      - Members may be added without a new `format`, together with the schema; readers skip what they do not know.

      The record's key is the original's keyed routing token, its header `millrace-origin` the original's too.

      """
    text += "\n## Every object\n\n" + table(envelope)
    text += "| `before` | row or null | the row before; null for what is new |\n"
    text +=
      "| `after` | row or null | the row after; null for what was deleted; what happens once (a web request, a heartbeat, a decision) stands here |\n"
    text += "| `rejected` | object or null | why the record stands without content |\n"
    for row in rows + [rejection] { text += "\n## `\(row.kind)`\n\n\(row.note)\n\n" + table(row) }
    return text
  }

  private static func table(_ outline: JSONOutline) -> String {
    var text = "| member | type | |\n|---|---|---|\n"
    for member in outline.members { text += "| `\(member.name)` | \(word(for: member.shape)) | \(member.note) |\n" }
    return text
  }

  /// The shape in the page's words; for plain values also the name of the definition in the schema.
  private static func word(for shape: JSONShape) -> String {
    switch shape {
    case .int32: "int32"
    case .int64: "int64"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .text: "text"
    case .texts: "list of texts"
    case .decimal: "decimal"
    case .day: "day"
    case .moment: "moment"
    case .token: "token"
    case .key: "key"
    case .hexadecimal: "hexadecimal"
    case .name(let names): names.map(quoted).joined(separator: ", ")
    case .optional(let inner): "\(word(for: inner)) or null"
    }
  }

  private static func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.text(text)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
