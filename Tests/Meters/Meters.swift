package import Capture
package import Entity
package import Pipeline
package import Privacy
internal import Text
internal import Wire

// A domain of its own, as small as one can be: what a domain has to say, and that the engine knows nothing else.

/// Somebody who has a meter. Its key is a text, the e-mail address is personal.
struct Household<P: Phase>: Sendable, Equatable {
  var id: String
  var email: P.Field
}

/// What a meter showed on a day.
struct Reading: Sendable, Equatable {
  var id: Int64 = 0
  var household = ""
  /// "2026-11-30".
  var day = ""
  var wattHours: Int64 = 0
}

/// What events of the power company are about: the row as it is, or as it was when it was deleted.
enum Meter<P: Phase>: Sendable, Equatable {
  case household(Household<P>)
  case reading(Reading)

  var entity: String { if case .household = self { "household" } else { "reading" } }
}

extension PersonalField {
  static var ownerEmail: PersonalField { PersonalField(1, .lowercased) }
}

enum MeterTopic {
  static let households = "households"
  static let readings = "readings"
}

// MARK: Into the log

extension Meter: ClearContent where P == Person {
  func encode(
    _ envelope: Envelope, _ key: RowKey<Person>?, into buffer: inout [UInt8],
    sealing seal: (PersonalData, PersonalPlace) throws -> SealedData
  ) throws {
    let key: RowKey<SealedPerson>? = try key?.mapPersonal(.rowKey, seal)
    var email: SealedData?
    if case .household(let row) = self { email = try seal(row.email, .email) }
    WireWriter.append(to: &buffer, expecting: 256) { writer in
      let start = envelope.begin(entity, email == nil ? 17 : 16, &writer)
      switch self {
      case .household(let row):
        writer.string(1, row.id)
        writer.sealed(2, email)
      case .reading(let row):
        writer.int64(1, row.id)
        writer.string(2, row.household)
        writer.string(3, row.day)
        writer.int64(4, row.wattHours)
      }
      envelope.end(start, key, &writer)
    }
  }
}

extension PersonalPlace {
  static var email: PersonalPlace { PersonalPlace(.ownerEmail, .after, 2) }
}

/// The tables of the power company's database.
package struct MeterMapping: RowMapping {
  package let title = "meter database"
  package let topics = [MeterTopic.households, MeterTopic.readings]
  package let tables = [
    SourceTable("households", columns: ["id", "email"], key: ["id"]),
    SourceTable("readings", columns: ["id", "household", "day", "watt_hours"], key: ["id"]),
  ]
  private let router: Router

  package init(_ keyring: Keyring) throws { router = try Router(keyring) }

  package func event(of change: RowChange) throws(RowFault) -> MappedEvent {
    let row = change.row
    let place = place(ofRejected: row, referred: change.referred)
    let owner = [Subject("household", Array((row.optionalText("id") ?? "").utf8))]
    if row.table.name == "households" {
      let household = Household<Person>(
        id: try row.text("id"), email: try row.personal("email") ?? PersonalData(bytes: []))
      return MappedEvent(
        topic: place.topic, route: place.route, key: try row.ownKey("id"), content: Meter.household(household),
        subjects: .all(owner))
    }
    let reading = Reading(
      id: try row.integer("id"), household: try row.text("household"), day: try row.text("day"),
      wattHours: try row.integer("watt_hours"))
    return .init(
      topic: place.topic, route: place.route, key: try row.ownKey("id"), content: Meter<Person>.reading(reading))
  }

  package func place(ofRejected row: SourceRow, referred: String) -> (topic: String, route: Token) {
    let isHousehold = row.table.name == "households"
    let key = row.optionalText(isHousehold ? "id" : "household") ?? ""
    return (isHousehold ? topics[0] : topics[1], router.token("household", Array(key.utf8)))
  }
}

// MARK: Out of the log

extension Meter where P == SealedPerson {
  init(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError) {
    guard ["household", "reading"].contains(record.entity) else { throw .unknownPayload }
    do throws(WireError) {
      let content = bytes.extracting(record.range)
      var reader = try WireReader(content)
      var household = Household<SealedPerson>(id: "", email: .blank)
      var reading = Reading()
      let isHousehold = record.entity == "household"
      while let tag = try reader.next(content) {
        switch (isHousehold, tag.field) {
        case (true, 1): try reader.string(&household.id, tag, content)
        case (true, 2): try reader.sealed(&household.email, tag, content)
        case (false, 1): try reader.int64(&reading.id, tag, content)
        case (false, 2): try reader.string(&reading.household, tag, content)
        case (false, 3): try reader.string(&reading.day, tag, content)
        case (false, 4): try reader.int64(&reading.wattHours, tag, content)
        default: try reader.skip(tag, content)
        }
      }
      self = isHousehold ? .household(household) : .reading(reading)
    } catch {
      throw EventError(error)
    }
  }

  func tokenized(
    _ token: (SealedData, PersonalPlace) throws(PrivacyError) -> Token
  ) throws(PrivacyError) -> Meter<PersonToken> {
    switch self {
    case .household(let row): .household(Household(id: row.id, email: try token(row.email, .email)))
    case .reading(let row): .reading(row)
    }
  }
}

extension Meter: DomainContent where P == SealedPerson {
  static var entities: FormatOneEntities { FormatOneEntities([(16, "household"), (17, "reading")]) }

  static func validate(_ event: DomainEvent<Meter<PersonToken>>) throws(ValidationFailure) {
    guard case .reading(let reading) = event.content, reading.wattHours < 0 else { return }
    throw ValidationFailure(code: "reading.negative", detail: "reading.watt_hours is below 0")
  }

  static func kind(of content: Meter<PersonToken>) -> String { content.entity }

  static func write(_ event: DomainEvent<Meter<PersonToken>>, to writer: inout JSONWriter) {
    switch event.content {
    case .household(let row): writer.change(before: nil, after: row, Self.households)
    case .reading(let row): writer.change(before: nil, after: row, Self.readings)
    }
  }

  private static var households: JSONTable<Household<PersonToken>> {
    JSONTable("household", "Who has a meter.", [.text("id") { $0.id }, .token("email") { $0.email }])
  }
  private static var readings: JSONTable<Reading> {
    JSONTable("reading", "What a meter showed.", [.int64("id") { $0.id }, .int64("watt_hours") { $0.wattHours }])
  }
}

extension Domain {
  package static let meters = Domain.of(Meter<SealedPerson>.self)
}
