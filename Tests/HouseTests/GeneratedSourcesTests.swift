import Foundation
import TestSupport
import Testing

/// Whether `tools/generate` can run here.
private enum GeneratorTools {
  /// In CI a missing tool is a failure, not a reason to skip.
  static let areThere = Place.peersRequired || wereFound

  private static let wereFound: Bool = {
    let folder = FileManager.default.temporaryDirectory.path
    let python = ProcessInfo.processInfo.environment["MILLRACE_TEST_PYTHON"] ?? "/usr/bin/python3"
    return [[python, "-c", "import google.protobuf"], ["/usr/bin/env", "protoc", "--version"]].allSatisfy {
      (try? ChildProcess.run($0, folder: folder).status) == 0
    }
  }()
}

/// What `tools/generate` makes of the contract.
@Suite(
  "Generated sources",
  .enabled(if: GeneratorTools.areThere, "no protoc, or no Python with its protobuf package"))
struct GeneratedSourcesTests {
  private func generate(_ arguments: String...) throws -> ChildProcess.Result {
    try ChildProcess.run(["\(Place.root)/tools/generate"] + arguments, folder: TemporaryFolder.path)
  }

  /// A checkout with only the contract and what is made from it; `change` edits the shop's part.
  private func copy(change: (String) -> String) throws -> String {
    let root = "\(TemporaryFolder.path)/copy"
    for path in ["proto", "Sources/Shop/Events/Generated", "docs/reference"] {
      let target = URL(filePath: "\(root)/\(path)")
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: URL(filePath: "\(Place.root)/\(path)"), to: target)
    }
    let file = "\(root)/proto/millrace/v1/shop.proto"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let changed = change(text)
    try #require(changed != text)
    try changed.write(toFile: file, atomically: true, encoding: .utf8)
    return root
  }

  @Test("the committed files are what the contract gives", .temporaryFolder)
  func upToDate() throws {
    let result = try generate("--check")
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  /// Goal: one line of the contract is all that a new field needs. Method: plant an optional weight on an order's line in a
  /// copy, and look for it in everything that is generated.
  @Test("a new field reaches rows, numbers, codec, JSON, descriptor and dictionary, and nothing else", .temporaryFolder)
  func newField() throws {
    let root = try copy { text in
      let last = "  Decimal discount = 6;\n"
      return text.replacing(
        last, with: last + "  // What it weighs.\n  optional int64 weight_grams = 9 [(since) = 2];\n")
    }
    let stale = try generate("--check", "--root", root)
    #expect(stale.status == 1)
    #expect(stale.output.contains("+  package var weightGrams: Int64?"))
    #expect(try generate("--root", root).status == 0)
    #expect(try generate("--check", "--root", root).status == 0)
    let line = try String(
      contentsOfFile: "\(root)/Sources/Shop/Events/Generated/OrderLine.swift", encoding: .utf8)
    for part in [
      "  /// What it weighs.\n  package var weightGrams: Int64?", "weightGrams: Int64? = nil",
      "case weightGrams = 9", "case .weightGrams: .optional(.int64)",
      "try reader.int64(&weightGrams, tag, bytes)",
      "writer.int64(OrderLineField.weightGrams.rawValue, weightGrams)",
      ".int64(\"weight_grams\", \"what it weighs\") { $0.weightGrams }",
      "Field(\"weight_grams\", 9, .integer64, isRequired: false, since: 2, meaning: \"What it weighs.\")",
    ] {
      #expect(line.contains(part), "no \(part)")
    }
    let page = try String(contentsOfFile: "\(root)/docs/reference/events.md", encoding: .utf8)
    #expect(
      page.contains("| 9 | `weight_grams` | whole number, optional |  | What it weighs. Since format 2. |"))
    for file in try FileManager.default.contentsOfDirectory(atPath: "\(root)/Sources/Shop/Events/Generated")
    where file != "OrderLine.swift" {
      let (before, after) = (
        "\(Place.root)/Sources/Shop/Events/Generated/\(file)", "\(root)/Sources/Shop/Events/Generated/\(file)"
      )
      #expect(FileManager.default.contentsEqual(atPath: before, andPath: after), "\(file) has changed, too")
    }
  }

  /// Goal: rows can refer to others by keys of any type. Method: plant two references, of which one says a kind of its own, on a
  /// store, which holds no personal data otherwise.
  @Test(
    "a field of type Key reaches rows, codec, phases, JSON, descriptor and dictionary", .temporaryFolder)
  func keyField() throws {
    let root = try copy { text in
      text.replacing(
        "  string city = 2;\n",
        with:
          "  string city = 2;\n  // Whose it is.\n  Key owner = 4 [(personal) = \"email\"];\n  Key region = 5 [(required) = true];\n"
      )
    }
    let result = try generate("--root", root)
    #expect(result.status == 0, "\(result.errors)")
    let store = try String(contentsOfFile: "\(root)/Sources/Shop/Events/Generated/Store.swift", encoding: .utf8)
    for part in [
      "package struct Store<P: Phase>", "  /// Whose it is.\n  package var owner: RowKey<P>?",
      "package var region: RowKey<P>\n",
      "owner: RowKey<P>? = nil, region: RowKey<P>", "case .owner, .region: .message(\"Key\")",
      "if owner != nil { throw .repeatedField(\"Store.owner\") }", "try reader.key(&owner, tag, bytes)",
      "if !sawRegion { throw .missingField(\"Store.region\") }", "writer.key(StoreField.region.rawValue, region)",
      "owner: try mapOptional(owner, PersonalPlace(.email, state, 4), transform)",
      "region: try region.mapPersonal(PersonalPlace(.rowKey, state, 5), transform)", "state: self.state",
      "JSONTable<Store<PersonToken>>",
      ".key(\"owner\", \"whose it is\") { $0.owner }", ".key(\"region\") { $0.region }",
      "Field(\"owner\", 4, .key, isRequired: false, privacy: .keyed(.email), meaning: \"Whose it is.\")",
    ] {
      #expect(store.contains(part), "no \(part)")
    }
    let payload = try String(contentsOfFile: "\(root)/Sources/Shop/Events/Generated/Payload.swift", encoding: .utf8)
    #expect(
      payload.contains("case store(Change<Store<P>>)") && payload.contains("case .company, .supplierPrice: .taxNumber"))
    let page = try String(contentsOfFile: "\(root)/docs/reference/events.md", encoding: .utf8)
    #expect(page.contains("| 4 | `owner` | key of a row, optional | where the source's key is: email | Whose it is. |"))
    #expect(page.contains("| 5 | `region` | key of a row | where the source's key is: row key |  |"))
  }

  /// Goal: who describes an entity of their own needs no number in `Event`. Method: plant one that is not in the oneof.
  @Test("an entity of format 2 alone needs no field in the event", .temporaryFolder)
  func unnumberedEntity() throws {
    let parcel = """
      // A parcel's label.
      message Label {
        option (entity) = {name: "label" kind: ROW topic: "shipments" since: 2};
        Key parcel = 1 [(required) = true];
      }
      message LabelChange {
        Label before = 1;
        Label after = 2;
      }

      """
    let root = try copy { $0 + parcel }
    let result = try generate("--root", root)
    #expect(result.status == 0, "\(result.errors)")
    let payload = try String(contentsOfFile: "\(root)/Sources/Shop/Events/Generated/Payload.swift", encoding: .utf8)
    for part in ["case label(Change<Label<P>>)", "case \"label\": self = .label(try Change(", ".label: 0"] {
      #expect(payload.contains(part), "no \(part)")
    }
    #expect(!payload.contains("case label = "))
    #expect(
      try generate("--root", copyAgain(root, "\"shipments\" since: 2};", "\"shipments\"};")).errors.contains("Label"))
  }

  private func copyAgain(_ root: String, _ old: String, _ new: String) throws -> String {
    let file = "\(root)/proto/millrace/v1/shop.proto"
    try String(contentsOfFile: file, encoding: .utf8).replacing(old, with: new)
      .write(toFile: file, atomically: true, encoding: .utf8)
    return root
  }

  /// Goal: a contract that would leak or lose data is refused with a reason. Method: plant one fault of each kind.
  @Test(
    "what the contract must not say is refused", .temporaryFolder,
    arguments: [
      ("Sealed phone = 7 [(personal) = \"phone\"]", "Sealed phone = 7", "Customer.phone"),
      ("Sealed phone = 7 [(personal) = \"phone\"]", "Sealed phone = 7 [(personal) = \"fone\"]", "fone"),
      ("string city = 2", "string city = 2 [(personal) = \"address\"]", "Store.city"),
      ("string city = 2", "string city = 2 [(meaning) = DATE]", "Store.city"),
      ("key: \"store_id\"", "key: \"shop_id\"", "shop_id"),
      ("topic: \"inventory\"", "topic: \"stocks\"", "stocks"),
      ("PERSONAL_KIND_EMAIL = 2 [(form) = LOWERCASED]", "PERSONAL_KIND_EMAIL = 2", "PERSONAL_KIND_EMAIL"),
      ("name: \"store\"", "name: \"shop\"", "Event.store"),
      ("name: \"product_return\"", "name: \"return\"", "word of Swift"),
      ("string city = 2", "string in = 2", "Store.in"),
      ("string city = 2", "bytes city = 2", "Store.city"),
      // A number or a name that went is never used again: of kinds, of fields, of entities and topics.
      ("PERSONAL_KIND_USER = 1", "reserved 14;\nPERSONAL_KIND_PET = 14 [(form) = TEXT];\nPERSONAL_KIND_USER = 1", "14"),
      (
        "PERSONAL_KIND_USER = 1",
        "reserved \"PERSONAL_KIND_PET\";\nPERSONAL_KIND_PET = 14 [(form) = TEXT];\nPERSONAL_KIND_USER = 1",
        "PERSONAL_KIND_PET"
      ),
      ("  PERSONAL_KIND_PHONE = 5 [(form) = PHONE];\n", "", "PersonalKind: 5"),
      ("PERSONAL_KIND_ROW_KEY = 13 [(form) = EXACT", "PERSONAL_KIND_PET = 13 [(form) = EXACT", "row_key"),
      ("  string state = 3;\n", "  string state = 4;\n", "Store: 3"),
      ("string state = 3", "reserved 3;\nstring state = 3", "Store"),
      (
        "option (topic) = {name: \"weblog\"", "option (retired) = \"store\";\noption (topic) = {name: \"weblog\"",
        "store: "
      ),
      (
        "option (topic) = {name: \"weblog\"", "option (retired) = \"leads\";\noption (topic) = {name: \"weblog\"",
        "leads: "
      ),
      // What keys must not be.
      ("string city = 2", "repeated Key city = 2", "Store.city"),
      (
        "key: \"store_id\" route: \"store_id\"};", "key: \"store_id\" key: \"id\" route: \"store_id\"};\n  Key id = 4;",
        "Store"
      ),
      ("string city = 2", "Key city = 2 [(personal) = \"e_mail\"]", "e_mail"),
    ])
  func refusals(old: String, new: String, named: String) throws {
    let root = try copy { $0.replacing(old, with: new) }
    let result = try generate("--root", root)
    #expect(result.status == 1)
    #expect(result.errors.contains(named), "\(result.errors)")
    #expect(!result.errors.contains("Traceback"))
  }
}
