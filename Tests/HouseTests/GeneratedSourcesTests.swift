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

  /// Goal: one line of the contract is all that a new field needs. Method: plant an optional amount on an order's line in a
  /// copy, and look for it in everything that is generated.
  @Test("a new field reaches rows, numbers, codec, JSON, descriptor and dictionary, and nothing else", .temporaryFolder)
  func newField() throws {
    let root = try copy { text in
      let price = "  Decimal unit_price = 5 [(required) = true];\n"
      return text.replacing(
        price, with: price + "  // Taken off the price.\n  optional int64 discount_minor = 6 [(since) = 2];\n")
    }
    let stale = try generate("--check", "--root", root)
    #expect(stale.status == 1)
    #expect(stale.output.contains("+  package var discountMinor: Int64?"))
    #expect(try generate("--root", root).status == 0)
    #expect(try generate("--check", "--root", root).status == 0)
    let line = try String(
      contentsOfFile: "\(root)/Sources/Shop/Events/Generated/OrderLine.swift", encoding: .utf8)
    for part in [
      "  /// Taken off the price.\n  package var discountMinor: Int64?", "discountMinor: Int64? = nil",
      "case discountMinor = 6", "case .discountMinor: .optional(.int64)",
      "try reader.int64(&discountMinor, tag, bytes)",
      "writer.int64(OrderLineField.discountMinor.rawValue, discountMinor)",
      ".int64(\"discount_minor\", \"taken off the price\") { $0.discountMinor }",
      "Field(\"discount_minor\", 6, .integer64, isRequired: false, since: 2, meaning: \"Taken off the price.\")",
    ] {
      #expect(line.contains(part), "no \(part)")
    }
    let page = try String(contentsOfFile: "\(root)/docs/reference/events.md", encoding: .utf8)
    #expect(
      page.contains("| 6 | `discount_minor` | whole number, optional |  | Taken off the price. Since format 2. |"))
    for file in try FileManager.default.contentsOfDirectory(atPath: "\(root)/Sources/Shop/Events/Generated")
    where file != "OrderLine.swift" {
      let (before, after) = (
        "\(Place.root)/Sources/Shop/Events/Generated/\(file)", "\(root)/Sources/Shop/Events/Generated/\(file)"
      )
      #expect(FileManager.default.contentsEqual(atPath: before, andPath: after), "\(file) has changed, too")
    }
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
      ("string city = 2", "bytes city = 2", "Store.city"),
    ])
  func refusals(old: String, new: String, named: String) throws {
    let root = try copy { $0.replacing(old, with: new) }
    let result = try generate("--root", root)
    #expect(result.status == 1)
    #expect(result.errors.contains(named), "\(result.errors)")
    #expect(!result.errors.contains("Traceback"))
  }
}
