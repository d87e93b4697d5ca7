import Testing

/// The comparison that the kept workspace is held against.
@Suite("Dumps in today's words")
struct DumpRenamingTests {
  private let old = MartDump(
    text: "# orders\norder_id\tday\thash\n385\t7\tx01\n386\t8\tx01\n387\t9\tx02\n# gone\na\n1\n")

  private func new(_ rows: String) -> MartDump {
    MartDump(text: "# orders\nsystem\tkey\tday\thash\n\(rows)# born\nb\n2\n")
  }

  private let renaming = DumpRenaming(
    rules: [
      "orders": DumpRenaming.Rule(
        columns: ["order_id": { ["key": "\"\($0)\""] }], added: ["system": "\"platform\""], equalWhereEqual: ["hash"]),
      "gone": DumpRenaming.Rule(table: "born", columns: ["a": { _ in [:] }], added: ["b": "2"]),
    ])

  private let same = """
    "platform"\t"387"\t9\txff
    "platform"\t"385"\t7\txee
    "platform"\t"386"\t8\txee

    """

  @Test("columns split, tables get other names, and hashes are only as equal as before") func renamed() {
    #expect(renaming.differences(from: old, to: new(same)) == [])
    #expect(DumpRenaming().differences(from: old, to: old) == [])
    #expect(MartDump(text: old.text) == old)
  }

  @Test(
    "whatever no rule says is a difference",
    arguments: [
      ("\"387\"", "\"388\""), ("\"platform\"\t\"386\"\t8", "\"stores\"\t\"386\"\t8"), ("8\txee", "8\txff"),
      ("9\txff", "9\txee"), ("\"platform\"\t\"385\"\t7\txee\n", ""), ("\t7\t", "\t6\t"),
    ])
  func different(_ part: String, _ other: String) {
    let found = renaming.differences(from: old, to: new(same.replacing(part, with: other)))
    #expect(found.count == 1 && found[0].hasPrefix("orders: "), "\(found)")
  }

  @Test("a projection of another version is one change of the identity") func versions() {
    let head = "# millrace_identity\npart\tvalue\n\"log\"\t\"2\"\n\"projection.leads\"\t"
    let (old, new) = (MartDump(text: head + "\"2\"\n"), MartDump(text: head + "\"3\"\n"))
    #expect(DumpRenaming().differences(from: old, to: new).count == 1)
    #expect(DumpRenaming(rules: ["millrace_identity": .versions(["leads": 3])]).differences(from: old, to: new) == [])
  }

  @Test("a table that came or went is a difference, unless it is said to be new") func tables() {
    var renaming = renaming
    renaming.rules["gone"] = nil
    #expect(renaming.differences(from: old, to: new(same)) == ["born: the table is new", "gone: the table is gone"])
    renaming.newTables = ["born"]
    #expect(renaming.differences(from: old, to: new(same)) == ["gone: the table is gone"])
  }
}
