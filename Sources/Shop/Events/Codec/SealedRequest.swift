package import Entity
package import Money
internal import Wire

/// A web request where it lies in its record: numbers by value, texts and seals as ranges of the record's bytes. Most events
/// are web requests, and folding them needs no text as a `String` (see `EnvelopeView`).
package struct SealedRequest: Sendable {
  package let envelope: EnvelopeView
  package private(set) var path = 0..<0
  package private(set) var status: Int32 = 0
  package private(set) var bytes: Int64 = 0
  package private(set) var referrer = 0..<0
  package private(set) var userAgent = 0..<0
  package private(set) var country = 0..<0
  package private(set) var utmSource = 0..<0
  package private(set) var utmMedium = 0..<0
  package private(set) var utmCampaign = 0..<0
  package private(set) var ip = SealView()
  package private(set) var user: SealView?

  package var source: Range<Int> { envelope.source }
  package var epoch: UInt64 { envelope.epoch }
  package var number: UInt64 { envelope.number }
  package var occurredAt: Timestamp { envelope.occurredAt }

  /// nil: no web request, or one that is not plain. What this accepts, `Event(decoding:)` accepts with the same values.
  package init?(decoding record: borrowing Span<UInt8>) {
    guard let envelope = EnvelopeView(decoding: record, content: PayloadField.webRequest.rawValue) else { return nil }
    self.envelope = envelope
    do throws(WireError) {
      var reader = try WireReader(record)
      reader.position = envelope.content.lowerBound
      reader.end = envelope.content.upperBound
      guard try readRequest(&reader, record) else { return nil }
    } catch {
      return nil
    }
  }

  /// Whether the header of the record names this event.
  package func isNamed(by header: borrowing Span<UInt8>, in record: borrowing Span<UInt8>) -> Bool {
    envelope.isNamed(by: header, in: record)
  }

  private mutating func readRequest(
    _ reader: inout WireReader, _ record: borrowing Span<UInt8>
  ) throws(WireError) -> Bool {
    var sawIP = false
    var other = 0..<0
    while let tag = try reader.next(record) {
      let isPlain: Bool
      switch WebRequestField(rawValue: tag.field) {
      case .path: isPlain = try reader.plain(&path, tag, record)
      case .referrer: isPlain = try reader.plain(&referrer, tag, record)
      case .userAgent: isPlain = try reader.plain(&userAgent, tag, record)
      case .country: isPlain = try reader.plain(&country, tag, record)
      case .utmSource: isPlain = try reader.plain(&utmSource, tag, record)
      case .utmMedium: isPlain = try reader.plain(&utmMedium, tag, record)
      case .utmCampaign: isPlain = try reader.plain(&utmCampaign, tag, record)
      case .method, .ipPrefix: isPlain = try reader.plain(&other, tag, record)
      case .status:
        try reader.int32(&status, tag, record)
        isPlain = true
      case .bytes:
        try reader.int64(&bytes, tag, record)
        isPlain = true
      case .countryDataVersion:
        var version: UInt64 = 0
        try reader.fixed64(&version, tag, record)
        isPlain = true
      case .ip:
        isPlain = !sawIP
        sawIP = true
        try reader.seal(&ip, tag, record)
      case .user:
        isPlain = user == nil
        var seal = SealView()
        try reader.seal(&seal, tag, record)
        user = seal
      case nil: return false
      }
      guard isPlain else { return false }
    }
    return sawIP
  }
}
