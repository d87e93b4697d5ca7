package import Enrichment
package import Entity
package import Events
package import Projections

/// What folding a web request takes: numbers and tokens, no text. A tenth of the event's size, and all but one of its
/// parts are plain values, so that millions of them are cheap to hand from thread to thread.
package struct RequestFigures: Sendable {
  package var millis: Int64
  package var bytes: Int64
  package var ip: Token
  package var user: Token?
  /// Stable hash of the user agent.
  package var agent: UInt64
  package var status: Int32
  package var country: CountryCode
  /// Stable hash of the campaign; 0: none.
  package var campaign: UInt64
  package var facts: RequestFacts

  /// Stands for the agent where nothing was asked, so that such connections are a visitor of their own and join no
  /// person's session.
  private static let nobody = StableHash.of("millrace: no request")

  package init(_ request: WebRequest<PersonToken>, _ facts: RequestFacts, millis: Int64) {
    self.millis = millis
    bytes = request.bytes
    ip = request.ip
    user = request.user
    agent = facts.isNobodys ? Self.nobody : StableHash.of(request.userAgent)
    status = request.status
    country = CountryCode(request.country)
    campaign = facts.campaign.isEmpty ? 0 : StableHash.of(facts.campaign)
    self.facts = facts
  }

  /// From the texts where they lie.
  package init(
    millis: Int64, bytes: Int64, ip: Token, user: Token?, status: Int32, userAgent: UnsafeBufferPointer<UInt8>,
    country: UnsafeBufferPointer<UInt8>, facts: RequestFacts
  ) {
    self.millis = millis
    self.bytes = bytes
    self.ip = ip
    self.user = user
    agent = facts.isNobodys ? Self.nobody : StableHash.of(userAgent)
    self.status = status
    self.country = CountryCode(country)
    campaign = facts.campaign.isEmpty ? 0 : StableHash.of(facts.campaign)
    self.facts = facts
  }
}

/// A projection to which a web request without flags is nothing but its figures: folding these does the same as folding
/// the event. The pipeline then spares itself the event. Its personal fields are `.ip` and `.user`.
package protocol RequestProjection: ShopProjection {
  func fold(_ figures: RequestFigures) throws(QuarantineReason)
}
