internal import Events
package import Marts

package final class OrdersProjection: Projection {
  package static let name = "orders"
  package static let version = 1
  package static let topics = [Topic.orders]
  package init() {}
  package var pendingCount: Int { 0 }
  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {}
  package func flush(into transaction: MartTransaction) throws {}
  package func discard() {}
}
