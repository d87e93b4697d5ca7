internal import Events
package import Marts

package final class CatalogProjection: Projection {
  package static let name = "catalog"
  package static let version = 1
  package static let topics = [Topic.catalog]
  package init() {}
  package var pendingCount: Int { 0 }
  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {}
  package func flush(into transaction: MartTransaction) throws {}
  package func discard() {}
}
