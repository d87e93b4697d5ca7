import Enrichment
import Money

/// What became of the words of format 1's marts when rows got names of system and key (docs/decisions/0030): every row says
/// its system; an integer key is what it was, others stand as texts of keys in a column of their own; findings and
/// tombstones name rows by the same texts; an order's hash is made anew, and equal where it was equal; an order line's dump
/// has its order's day. Cancellations and returns have a moment of their own (docs/decisions/0005).
extension DumpRenaming {
  /// From the dumps that Tests/Golden/format-1-workspace keeps to those of today, by mart.
  static let ofKeptMarts: [String: DumpRenaming] = [
    "sales": DumpRenaming(
      rules: [
        "millrace_identity": .versions(["orders": 4, "catalog": 3]),
        "products": .named(), "customers": .named(), "stores": .named(),
        "orders": .named(equalWhereEqual: ["content_hash"], adding: ["closed_at", "closing_seen"]),
        // Its company was changed later; the cancellation stays where it was.
        "ledger_days": DumpRenaming.Rule(row: { row in
          if row["kind"] == "2", row["order_day"] == "20669" { row["entry_day"] = "20669" }
        }), "order_lines": .named(adding: ["order_day"]),
        "companies": .named("company_number") { company($0["company"]) },
        "countries": .named("country_number") { quoted(bare($0["country"])) },
        "exchange_rates": .named("rate_number") { "(\(day($0["day"])),\(quoted(bare($0["currency"]))))" },
        "supplier_prices": .named("price_number") {
          "(\(company($0["company"])),\($0["product_id"] ?? ""),\(day($0["valid_from"])))"
        },
        "order_flags": .rows(), "order_tombstones": .rows(), "catalog_flags": .rows(), "catalog_tombstones": .rows(),
      ], newTables: ["order_closings"]),
    "leads": DumpRenaming(rules: [
      "millrace_identity": .versions(["leads": 4]),
      "leads": .named("lead_number", system: "leads") { quoted(bare($0["lead_id"])) },
      "lead_flags": .rows(system: "leads"), "lead_tombstones": .rows(system: "leads"),
    ]),
    "traffic": DumpRenaming(
      rules: ["millrace_identity": .versions(["traffic": 3], rules: 3)], newTables: ["utm_words"]),
    "advertising": DumpRenaming(rules: [
      "millrace_identity": .versions(["spend": 2]),
      "spend_days": .named("spend_number", system: "spend") { row in
        let channel = row["channel"].flatMap { Int($0) }.flatMap { MarketingChannel(rawValue: $0) }?.name
        let words = [bare(row["market"]), channel, bare(row["campaign"])].map { quoted($0) }
        return "(\(day(row["day"])),\(words.joined(separator: ",")))"
      },
      "spend_flags": .rows(system: "spend"), "spend_tombstones": .rows(system: "spend"),
    ]),
  ]

  /// A dump's text without its quotes.
  fileprivate static func bare(_ value: String?) -> String { String((value ?? "").dropFirst().dropLast()) }
  /// A text as a part of a key.
  fileprivate static func quoted(_ text: String?) -> String { "'\((text ?? "").replacing("'", with: "''"))'" }
  /// Days since 1970 as a part of a key.
  fileprivate static func day(_ value: String?) -> String {
    quoted(CivilDate(daysSinceEpoch: Int32(value ?? "") ?? 0).text)
  }
  /// A company's number as a part of a key: natural persons' are tokens, which had a tilde in front.
  fileprivate static func company(_ value: String?) -> String {
    let text = bare(value)
    return text.hasPrefix("~") ? "token:\(text.dropFirst())" : quoted(text)
  }
}

extension DumpRenaming.Rule {
  /// Rows of a system, whose key is in a column of its own where it is no integer. `adding`: columns whose value follows from
  /// another table.
  fileprivate static func named(
    _ column: String? = nil, system: String = "platform", equalWhereEqual: Set<String> = [], adding: Set<String> = [],
    key: (@Sendable (DumpRenaming.Row) -> String)? = nil
  ) -> Self {
    Self(
      added: ["system": "\"\(system)\""], equalWhereEqual: equalWhereEqual, ignored: adding,
      row: { row in if let column, let key { row[column] = "\"\(key(row))\"" } })
  }

  /// Findings and tombstones, which name rows.
  fileprivate static func rows(system: String = "platform") -> Self {
    Self(
      added: ["system": "\"\(system)\""],
      row: { row in
        let id = row.removeValue(forKey: "id") ?? ""
        let text = DumpRenaming.bare(id)
        let parts = text.split(separator: "/").map(String.init)
        row["number"] =
          switch row["entity"] {
          case "\"company\"": "\"\(DumpRenaming.company(id))\""
          case "\"country\"", "\"lead\"": "\"\(DumpRenaming.quoted(text))\""
          case "\"exchange rate\"": "\"(\(DumpRenaming.day(parts.last)),\(DumpRenaming.quoted(parts.first)))\""
          case "\"supplier price\"":
            "\"(\(DumpRenaming.company("\"\(parts[0])\"")),\(parts[1]),\(DumpRenaming.day(parts.last)))\""
          case "\"spend\"":
            "\"(\(text.split(separator: " ", maxSplits: 3).map { "'\($0)'" }.joined(separator: ",")))\""
          default: id.hasPrefix("\"") ? text : id
          }
      })
  }
}
