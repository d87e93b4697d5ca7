import Entity
import Events
import Files
import Money
import Privacy
import SQLite
import TestSupport

/// A keyring and a vault in the test's own folder.
struct Workspace {
  let keyPath = TemporaryFolder.path + "/master.key"
  let vaultPath = TemporaryFolder.path + "/vault.sqlite"
  let keyring: Keyring

  init() throws {
    try Keyring.create(at: keyPath)
    keyring = try Keyring(masterKeyFile: keyPath)
  }

  func vault(_ mode: Vault.Mode = .writer) throws -> Vault { try Vault(path: vaultPath, keyring: keyring, mode: mode) }
}

func webRequest(number: UInt64 = 1, ip: String = "192.0.2.7", user: String? = "maria") -> Event<Person> {
  Event(
    source: SourceName.weblog, epoch: 1, number: number, position: SourcePosition(stream: "access.log", record: number),
    operation: .create, version: StateVersion(major: 1, minor: number), occurredAt: .example, capturedAt: .example,
    payload: .webRequest(
      WebRequest(
        method: "GET", path: "/", status: 200, bytes: 1, referrer: "", userAgent: "UA", country: "DE",
        ipPrefix: "192.0.2.0/24", countryDataVersion: 0, utmSource: "", utmMedium: "", utmCampaign: "",
        ip: PersonalData(ip), user: user.map { PersonalData($0) })))
}

func customer(number: UInt64 = 1, values: [PersonalField: String]) -> Event<Person> {
  func field(_ field: PersonalField) -> PersonalData? { values[field].map { PersonalData($0) } }
  return Event(
    source: SourceName.platform, epoch: 1, number: number,
    position: SourcePosition(stream: "customers", record: number),
    operation: .create, version: StateVersion(major: 1, minor: number), occurredAt: .example, capturedAt: .example,
    payload: .customer(
      Change(
        after: Customer(
          company: values[.taxNumber].map { .personal(PersonalData($0)) }, document: field(.document),
          username: field(.user), fullName: field(.fullName), email: field(.email), phone: field(.phone),
          birthDate: field(.birthDate), country: "AR", address: field(.address), card: field(.card)))), key: 17)
}

extension Event where P == SealedPerson {
  var request: WebRequest<SealedPerson>? { if case .webRequest(let request) = payload { request } else { nil } }
}

extension Event where P == PersonToken {
  var request: WebRequest<PersonToken>? { if case .webRequest(let request) = payload { request } else { nil } }
  var customer: Customer<PersonToken>? { if case .customer(let change) = payload { change.after } else { nil } }
}

extension Timestamp {
  static var example: Timestamp { Timestamp(millis: 1_763_715_600_000) }
}

/// Everything in a folder's files, read while nothing has them open for writing.
func bytesOfFiles(in folder: String) throws -> [(name: String, bytes: [UInt8])] {
  try Files.names(in: folder).map { (name: $0, bytes: try Files.read(folder + "/" + $0, limit: 1 << 26).bytes) }
}

func contains(_ haystack: [UInt8], _ needle: [UInt8]) -> Bool {
  guard let first = needle.first, haystack.count >= needle.count else { return false }
  for start in 0...(haystack.count - needle.count) where haystack[start] == first {
    if haystack[start..<(start + needle.count)].elementsEqual(needle) { return true }
  }
  return false
}

func wrappedKey(_ id: PersonKeyID, in path: String) throws -> [UInt8] {
  let database = try Database(path, .readOnly)
  return try database.first("SELECT wrapped FROM keys WHERE key_id = ?1", [.blob(id.bytes)]) { $0.blob(0) } ?? []
}
