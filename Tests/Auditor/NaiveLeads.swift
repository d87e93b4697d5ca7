/// One state of a lead as the model sees it.
package struct PlainLead: Hashable, Sendable {
  package var id: String
  package var version: UInt64
  package var campaign: String
  package var status: String
  /// Name of the contact's e-mail address.
  package var email: String
  package var isVanished: Bool

  package init(id: String, version: UInt64, campaign: String, status: String, email: String, isVanished: Bool) {
    self.id = id
    self.version = version
    self.campaign = campaign
    self.status = status
    self.email = email
    self.isVanished = isVanished
  }
}

/// Leads once more, from the whole list of states: the newest of each counts; one that vanished keeps its row.
package struct NaiveLeads {
  package let states: [PlainLead]

  package init(states: [PlainLead]) { self.states = states }

  /// lead_id, version_minor, campaign, status, e-mail, vanished
  package var rows: [[String]] {
    Set(states.map(\.id)).sorted().compactMap { id in
      states.filter { $0.id == id }.max { $0.version < $1.version }.map {
        [$0.id, String($0.version), $0.campaign, $0.status, $0.email, $0.isVanished ? "1" : "0"]
      }
    }
  }
}
