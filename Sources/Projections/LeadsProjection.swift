internal import Events
package import Marts

package final class LeadsProjection: Projection {
  package static let name = "leads"
  package static let version = 1
  package static let topics = [Topic.leads]
  package init() {}
  package var pendingCount: Int { 0 }
  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {}
  package func flush(into transaction: MartTransaction) throws {}
  package func discard() {}
}
