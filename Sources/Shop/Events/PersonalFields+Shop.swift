package import Entity

/// The personal fields of a shop. Values that must join across sources carry one field (`user`: web logs, customers, company
/// logins; `email`: customers and leads).
extension PersonalField {
  package static var user: PersonalField { PersonalField(1, .text, comesAgain: true) }
  package static var email: PersonalField { PersonalField(2, .lowercased) }
  package static var document: PersonalField { PersonalField(3, .document) }
  package static var fullName: PersonalField { PersonalField(4, .collapsed) }
  package static var phone: PersonalField { PersonalField(5, .phone) }
  package static var address: PersonalField { PersonalField(6, .text) }
  package static var birthDate: PersonalField { PersonalField(7, .text) }
  package static var card: PersonalField { PersonalField(8, .digits) }
  package static var ip: PersonalField { PersonalField(9, .address, comesAgain: true) }
  package static var cuit: PersonalField { PersonalField(10, .digits, comesAgain: true) }
  package static var companyName: PersonalField { PersonalField(11, .collapsed) }
  // 12 is the engine's own `rawRecord`.

  /// Every one there is, with its name in the contract (`PersonalKind`).
  package static var named: [(name: String, field: PersonalField)] {
    [
      ("user", user), ("email", email), ("document", document), ("full_name", fullName), ("phone", phone),
      ("address", address), ("birth_date", birthDate), ("card", card), ("ip", ip), ("cuit", cuit),
      ("company_name", companyName), ("raw_record", rawRecord),
    ]
  }

  package static var allCases: [PersonalField] { named.map(\.field) }
}
