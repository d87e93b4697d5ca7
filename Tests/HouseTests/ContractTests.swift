import Foundation
import TestSupport
import Testing

/// What the engine and its adapters offer to others says what it is, in which unit, when it throws and whether it blocks.
@Suite("Contracts of the engine")
struct ContractTests {
  private static let kinds: Set<String> = ["func", "init", "var", "struct", "class", "enum", "protocol", "subscript"]
  /// What the standard library's own protocols explain.
  private static let standard: Set<String> = ["description", "customMirror", "hash"]

  /// Goal: nobody has to read a body to use the engine. Method: look for a doc comment above every `package` declaration;
  /// operators, `description` and initializers that only keep their arguments explain themselves.
  @Test("every package declaration of the engine has a contract")
  func contracts() throws {
    var missing: [String: [String]] = [:]
    for source in try SwiftSource.all(below: ["Sources/Engine", "Sources/Adapters"]) {
      let module = String(source.path.split(separator: "/")[2])
      for declaration in source.declarations where declaration.access == "package" {
        guard ContractTests.kinds.contains(declaration.kind), !declaration.isDocumented, !declaration.isMemberwise,
          !ContractTests.standard.contains(declaration.name), !declaration.name.isEmpty
        else { continue }
        missing[module, default: []].append("\(source.path):\(declaration.line + 1) \(declaration.name)")
      }
    }
    for (module, places) in missing.sorted(by: { $0.key < $1.key }) {
      #expect(
        places.isEmpty,
        "\(module): \(places.count) without a comment: \(places.prefix(10).joined(separator: ", "))")
    }
  }

  /// Goal: nobody silences the compiler without an argument. Method: the comment right above each `@unchecked Sendable` has a
  /// line that begins with "Unchecked".
  @Test("every unchecked Sendable says why it is safe to share")
  func unchecked() throws {
    var seen = 0
    for source in try SwiftSource.all(below: ["Sources"]) {
      for (index, line) in source.lines.enumerated() where line.contains("@unchecked Sendable") {
        seen += 1
        let comment = source.lines[..<index].reversed().prefix {
          $0.trimmingCharacters(in: .whitespaces).hasPrefix("//")
        }
        let isExplained = comment.contains {
          $0.trimmingCharacters(in: .whitespaces).drop { $0 == "/" || $0 == " " }.hasPrefix("Unchecked")
        }
        #expect(
          isExplained,
          "\(source.path):\(index + 1): say \"Unchecked: …\" in the comment above")
      }
    }
    #expect(seen > 10)
  }
}
