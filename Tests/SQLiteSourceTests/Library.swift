import Capture
import Entity
import Money
import Privacy
import Wire

/// Another business altogether: a public library that lends books. All that capture needs of it is here; no module of the
/// shop is imported.
///
/// What its events say: a loan, and the member who has it. The member's name is personal.
struct Loan: Sendable, Equatable {
  var number: Int64
  var book: String
  var member: PersonalData?
  var due: CivilDate
  /// What `loans` refer to: the branch of the member, by which loans are kept in order.
  var branch: String

  static let topic = "loans"
  /// Personal fields of this domain are numbered here.
  static let memberName = PersonalField(1, .collapsed)
  /// The field of the event that holds a loan.
  static let field: UInt32 = 40
}

/// A loan as it was and as it is, as the log's bytes.
struct LoanChange: ClearContent {
  static let entity = "loan"
  var change: Change<Loan>
  var entity: String { Self.entity }

  func encode(
    _ envelope: Envelope, _ key: RowKey<Person>?, into buffer: inout [UInt8],
    sealing seal: (PersonalData, PersonalPlace) throws -> SealedData
  ) throws {
    let states: [(Loan?, PersonalPlace.State)] = [(change.before, .before), (change.after, .after)]
    let sides = try states.map { loan, state in
      (loan: loan, member: try loan?.member.map { try seal($0, PersonalPlace(Loan.memberName, state, 5)) })
    }
    let key: RowKey<SealedPerson>? = try key?.mapPersonal(.rowKey, seal)
    WireWriter.append(to: &buffer, expecting: 256) { writer in
      let content = envelope.begin(entity, Loan.field, &writer)
      for (field, side) in zip([UInt32(1), 2], sides) {
        guard let loan = side.loan else { continue }
        let start = writer.begin(field)
        writer.int64(1, loan.number)
        writer.string(2, loan.book)
        writer.string(3, loan.due.text)
        writer.string(4, loan.branch)
        if let member = side.member { writer.bytes(5, member.box) }
        writer.end(start)
      }
      envelope.end(content, key, &writer)
    }
  }
}

/// The library's tables. A loan follows the branch of its member.
struct LibraryMapping: RowMapping {
  static let schema = """
    CREATE TABLE members(card INTEGER PRIMARY KEY, name TEXT, branch TEXT, "pin's hash" TEXT);
    CREATE TABLE "book loans"(number INTEGER PRIMARY KEY, book TEXT, card INTEGER, due TEXT, shelf TEXT);
    """

  let title = "library database"
  let topics = [Loan.topic]
  let tables = [
    SourceTable("members", columns: ["card", "name", "branch"], key: ["card"], ignored: ["pin's hash"]),
    SourceTable(
      "book loans", columns: ["number", "book", "card", "due"], key: ["number"],
      refersTo: ReferredValue(column: "card", table: "members", key: "card", value: "branch")),
  ]
  let router: Router

  init(keyring: Keyring) throws { router = try Router(keyring) }

  func event(of change: RowChange) throws(RowFault) -> MappedEvent {
    let (changed, row, loan) = try change.read { (row) throws(RowFault) in
      row.table.name == "members"
        // A member is a loan of nothing: enough to see that rows come and go.
        ? Loan(
          number: try row.integer("card"), book: "", member: try row.personal("name"),
          due: CivilDate(daysSinceEpoch: 0), branch: try row.clear("branch"))
        : Loan(
          number: try row.integer("number"), book: try row.clear("book"), member: nil, due: try row.date("due"),
          branch: change.referred)
    }
    let person = row.optionalText("card").map { [Subject("member", Array($0.utf8))] } ?? []
    return MappedEvent(
      topic: Loan.topic, route: router.token("branch", Array(loan.branch.utf8)),
      key: try row.ownKey(row.table.keyColumns[0]), content: LoanChange(change: changed), subjects: .all(person))
  }

  func place(ofRejected row: SourceRow, referred: String) -> (topic: String, route: Token) {
    (Loan.topic, router.token("branch", Array(referred.utf8)))
  }
}

/// One event of the log, read with nothing but the engine and the library's own field numbers.
struct LibraryRecord {
  var envelope: Envelope
  /// nil: the event is one of the engine's own.
  var before: Side?
  var after: Side?

  struct Side: Equatable {
    var number: Int64 = 0
    var book = ""
    var due = ""
    var branch = ""
    var hasSealedMember = false
  }

  init(_ value: [UInt8]) throws {
    let record = try SealedRecord(decoding: value.span, FormatOneEntities([(Loan.field, LoanChange.entity)]))
    envelope = record.envelope
    guard record.entity == LoanChange.entity else { return }
    let bytes = Array(value[record.range])
    var reader = try WireReader(bytes.span)
    while let tag = try reader.next(bytes.span) {
      let side = try Self.side(Array(bytes[try reader.field(tag, bytes.span)]))
      if tag.field == 1 { before = side } else { after = side }
    }
  }

  private static func side(_ bytes: [UInt8]) throws -> Side {
    var side = Side()
    var reader = try WireReader(bytes.span)
    while let tag = try reader.next(bytes.span) {
      switch tag.field {
      case 1: try reader.int64(&side.number, tag, bytes.span)
      case 2: try reader.string(&side.book, tag, bytes.span)
      case 3: try reader.string(&side.due, tag, bytes.span)
      case 4: try reader.string(&side.branch, tag, bytes.span)
      default:
        side.hasSealedMember = true
        try reader.skip(tag, bytes.span)
      }
    }
    return side
  }
}
