internal import Projections
internal import Reports
internal import SQLite

/// The words of the leads mart.
package enum LeadsMart {
  /// The mart's name.
  static let name = "leads"

  /// The newest change of a lead's state.
  static let newestEvent = NewestEvent(mart: name, millis: "SELECT max(status_updated_at) FROM leads")

  /// SQL over `leads l` of the attached mart `leads`: the terms of an ORDER BY by system and key.
  package static let orderOfLeads = SQLText.order(by: "l.lead_number", in: name)

  // States of a lead, as sheets name them.
  static let contacted = "contacted"
  static let qualified = "qualified"
  static let converted = "converted"
  static let lost = "lost"

  /// States that a lead has been through when it is in one of these: each stage holds the later ones too.
  static let reachedContact = [contacted, qualified, converted]
  package static let reachedQualification = [qualified, converted]
}

extension OpenMarts {
  /// The leads mart. Throws when the report does not name it among its marts.
  var leads: Database { get throws { try database(LeadsMart.name) } }
}
