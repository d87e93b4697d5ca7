/// Sheets of leads as somebody types them.
package enum LeadSheetText {
  package static let header =
    "lead_id,created_at,campaign,company_name,industry,contact_name,contact_email,contact_phone,lead_source,"
    + "estimated_annual_revenue,country,status,status_updated_at"

  package static func row(
    _ id: String, status: String = "new", contact: String = "Ana", created: String = "2026-10-01T00:00:00Z"
  )
    -> String
  {
    "\(id),\(created),Spring,Acme SA,retail,\(contact),\(id)@canary.example,+1 555 0100,LinkedIn Ads,1000.00,US,"
      + "\(status),2026-10-02T00:00:00Z"
  }

  package static func csv(_ rows: [String], header: String = header) -> String {
    ([header] + rows).map { $0 + "\n" }.joined()
  }
}
