package import Marts

/// What holds in the table of leads, whatever events they were made of.
extension LeadsProjection {
  package static var invariants: [MartInvariant] {
    [
      MartInvariant(
        "leads.tombstones", "what was deleted is not there",
        violations:
          "SELECT count(*) FROM lead_tombstones t JOIN leads l ON l.lead_number = t.number WHERE t.entity = 'lead'")
    ]
  }
}
