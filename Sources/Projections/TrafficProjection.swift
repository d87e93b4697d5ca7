internal import Events
package import Marts

package final class TrafficProjection: Projection {
  package static let name = "traffic"
  package static let version = 1
  package static let topics = [Topic.weblog]
  package init() {}
  package var pendingCount: Int { 0 }
  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {}
  package func flush(into transaction: MartTransaction) throws {}
  package func discard() {}
}
