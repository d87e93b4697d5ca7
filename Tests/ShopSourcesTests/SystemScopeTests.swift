import Capture
import CaptureSupport
import Entity
import EventLog
import Events
import Privacy
import SQLite
import ShopSources
import TestSupport
import Testing

/// Names belong to systems: two shops may both have a customer 1 and a user "canary-user".
@Suite("Names and their systems", .temporaryFolder)
struct SystemScopeTests {
  private let shop = SystemScope("platform", first: "platform")
  private let stores = SystemScope("stores", first: "platform")
  private let webshop = SystemScope("webshop", first: "platform")

  private func user(_ scope: SystemScope, _ name: String) -> [UInt8] { scope.user(PersonalData(name)).bytes }

  @Test("the first system's names stay as they are; another's have the system behind U+001F") func qualified() {
    #expect(user(shop, " Ana ") == Array(" Ana ".utf8))
    #expect(user(stores, "Ana") == Array("Ana\u{1f}stores".utf8))
    #expect(shop.subject("order", Array("5".utf8)) == Subject("order", Array("5".utf8)))
    #expect(
      stores.subject("customer", Array("5".utf8), isIdentity: true)
        == Subject("customer", Array("5\u{1f}stores".utf8), isIdentity: true))
  }

  @Test("blanks around a name, and how its letters are composed, make no other user of any system")
  func canonical() throws {
    let bench = try Bench()
    let tokenizer = try Tokenizer(bench.keyring, version: 1, vault: bench.vault)
    func token(_ scope: SystemScope, _ name: String) throws -> Token {
      try tokenizer.token(of: scope.user(PersonalData(name)), field: .user)
    }
    for scope in [shop, stores] {
      #expect(try token(scope, "zo\u{eb}") == token(scope, " zoe\u{308}\u{a0}"))
      #expect(try token(scope, "ana") != token(scope, "Ana"))
    }
    #expect(try Set([shop, stores, webshop].map { try token($0, "ana") }).count == 3)
  }

  @Test("a name with U+001F in it is nobody's of another system") func forged() {
    #expect(user(shop, "ana\u{1f}stores") != user(stores, "ana"))
    #expect(user(webshop, "ana\u{1f}stores") != user(stores, "ana"))
    #expect(shop.name(Array("7\u{1f}stores".utf8)) != stores.name(Array("7".utf8)))
    #expect(!user(shop, "a\u{1f}b").contains(0x1f))
  }

  // MARK: As captured

  private func source(_ kind: String, _ name: String, at place: String, logins: String? = nil) -> SourceDescription {
    var source = Bench.source(kind, at: place)
    source.name = name
    source.references["logins"] = logins
    return source
  }

  /// Goal: log-ins are joined with the customers of their own shop and no other. Method: the same rows in two shops, and
  /// the same line in two web logs, one for each shop.
  @Test("equal user names of two shops have different tokens, and each web log those of its own shop")
  func captured() throws {
    let bench = try Bench()
    let (first, second) = (bench.platformPath, bench.folder + "/stores.sqlite")
    for path in [first, second] { try Database(path, .readWriteCreate).execute(Platform.schema + Platform.rows) }
    try bench.writeFile(bench.weblogPath, Lines.request(1, user: "canary-user").utf8)
    try bench.writeFile(bench.folder + "/weblogs/stores.log", Lines.request(1, user: "canary-user").utf8)
    bench.configuration.sources = [
      source("sqlite", "platform", at: first), source("sqlite", "stores", at: second),
      source("weblog", "weblog", at: bench.weblogPath),
      source("weblog", "stores-web", at: bench.folder + "/weblogs/stores.log", logins: "stores"),
    ]
    try bench.capture()
    var users: [String: Set<Token>] = [:]
    var emails: Set<Token> = []
    var keys: [String: Set<PersonKeyID>] = [:]
    for logged in try bench.logged() {
      let source = logged.event.source
      switch try bench.tokenized(logged).payload {
      case .customer(let change):
        users[source, default: []].formUnion([change.after?.username].compactMap { $0 })
        emails.formUnion([change.after?.email].compactMap { $0 })
      case .webRequest(let request): users[source, default: []].formUnion([request.user].compactMap { $0 })
      default: break
      }
      if case .order(let change) = logged.event.payload, let key = change.after?.shipToAddress?.key {
        keys[source, default: []].insert(key)
      }
    }
    #expect(users.count == 4 && users.values.allSatisfy { $0.count == 1 })
    #expect(users["platform"] == users["weblog"] && users["stores"] == users["stores-web"])
    #expect(users["platform"] != users["stores"])
    // What format 1 gave.
    #expect(try users["platform"] == [bench.token("canary-user", .user)])
    // The same mailbox is the same everywhere.
    #expect(emails.count == 1)
    #expect(keys.count == 2 && keys["platform"] != keys["stores"])
  }
}
