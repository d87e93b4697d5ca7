package import Enrichment
internal import Entity
internal import Events
package import Pipeline

extension Domain {
  /// The shop's. `enricher` is called on each preparing thread of a mart that reads web requests; it answers nil where
  /// nothing is known of agents and referrers.
  package static func shop(enricher: @escaping @Sendable () -> Enricher? = { nil }) -> Domain {
    Domain(
      reader: { interest, tokenizer in
        let readsRequests = interest.readers[Topic.weblog] != nil
        return ShopReader(interest, tokenizer, enricher: readsRequests ? enricher() : nil)
      },
      copier: { ShopCopier($0) })
  }
}
