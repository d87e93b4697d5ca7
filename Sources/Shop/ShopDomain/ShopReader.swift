internal import Enrichment
internal import Entity
internal import EventLog
internal import Events
internal import Money
internal import Pipeline
internal import Privacy
internal import Projections
internal import ShopMarts

/// Events of the shop → inputs of its projections.
final class ShopReader: RecordReader {
  private let interest: MartInterest
  private let tokenizer: Tokenizer
  private let enricher: Enricher?
  private var partition = TopicPartition("", 0)
  private var scope = PersonalScope.newest([])
  /// Whether whoever folds this partition's web requests needs their figures only.
  private var takesFigures = false
  /// Decoded, and not made an input yet.
  private var decoded: SealedContent?
  private var inputs = ShopInputs()

  init(_ interest: MartInterest, _ tokenizer: Tokenizer, enricher: Enricher?) {
    self.interest = interest
    self.tokenizer = tokenizer
    self.enricher = enricher
  }

  func begin(_ partition: TopicPartition, records: Int) -> Bool {
    self.partition = partition
    scope = .newest(interest.personalFields(of: partition.topic))
    let readers = interest.readers[partition.topic] ?? []
    takesFigures =
      enricher != nil && partition.topic == Topic.weblog && readers.allSatisfy { $0 is any RequestProjection.Type }
    inputs = ShopInputs()
    if takesFigures { inputs.requests.reserveCapacity(records) } else { inputs.events.reserveCapacity(records) }
    return takesFigures
  }

  func takeInputs() -> any PreparedInputs {
    let made = inputs
    inputs = ShopInputs()
    return made
  }

  var entities: FormatOneEntities { PayloadField.entities }

  func decode(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError) {
    decoded = try SealedContent(record, bytes)
  }

  /// The short road of a web request: from the bytes to its figures, without an event in between.
  func readInPlace(
    _ record: UnsafeBufferPointer<UInt8>, named header: UnsafeBufferPointer<UInt8>?
  ) throws(PrivacyError) -> ShortInput? {
    guard let enricher else { return nil }
    let value = record.span
    guard let request = WebRequestView(decoding: value), let number = Int64(exactly: request.envelope.number),
      let epoch = Int64(exactly: request.envelope.epoch)
    else { return nil }
    if let header, !request.envelope.isNamed(by: header.span, in: value) { return nil }
    let raw = UnsafeRawBufferPointer(record)
    let ip: Token
    var user: Token?
    do throws(PrivacyError) {
      tokenizer.begin(request.envelope, in: raw, topic: partition.topic, partition: partition.partition)
      ip = try tokenizer.token(of: request.ip, in: raw, WebRequestView.ipPlace)
      if let seal = request.user { user = try tokenizer.token(of: seal, in: raw, WebRequestView.userPlace) }
    } catch {
      switch error.kind {
      // The long road tells whose fault it is.
      case .authenticationFailed, .unknownVersion, .keyMissing, .keyForeign: return nil
      case .keyFile, .vault, .locked, .randomness, .cryptography: throw error
      }
    }
    func text(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: record[range]) }
    // The figures go into the list from here, since each copy of them counts a reference.
    let place = inputs.add(
      RequestFigures(
        millis: request.envelope.occurredAt.millis, bytes: request.bytes, ip: ip, user: user, status: request.status,
        userAgent: text(request.userAgent), country: text(request.country),
        facts: enricher.facts(
          userAgent: text(request.userAgent), method: text(request.method), path: text(request.path),
          status: request.status,
          referrer: text(request.referrer), utmSource: text(request.utmSource), utmMedium: text(request.utmMedium),
          utmCampaign: text(request.utmCampaign))))
    return ShortInput(source: request.envelope.source, epoch: epoch, number: number, input: place)
  }

  func makeInput(_ envelope: consuming Envelope) throws(PrivacyError) -> MadeInput {
    guard let content = decoded.take() else {
      preconditionFailure("an input is asked for before its event was decoded")
    }
    let event = try tokenizer.tokenize(
      content, envelope, topic: partition.topic, partition: partition.partition, scope: scope)
    do throws(ValidationFailure) { try event.validate() } catch { return .refused(error) }
    var facts: RequestFacts?
    if case .webRequest(let request) = event.payload, let enricher {
      facts = enricher.facts(
        userAgent: request.userAgent, method: request.method, path: request.path, status: request.status,
        referrer: request.referrer, utmSource: request.utmSource, utmMedium: request.utmMedium,
        utmCampaign: request.utmCampaign)
    }
    return .input(inputs.add(event, facts))
  }
}

/// Events by their place, and figures of web requests by the complement of theirs.
private struct ShopInputs: PreparedInputs {
  var events: [ProjectionInput] = []
  var requests: [RequestFigures] = []

  /// Answers its place.
  @inline(__always)
  mutating func add(_ event: Event<PersonToken>, _ facts: RequestFacts?) -> Int {
    events.append(ProjectionInput(event: event, facts: facts))
    return events.count - 1
  }

  /// Answers its place.
  mutating func add(_ figures: RequestFigures) -> Int {
    requests.append(figures)
    return ~(requests.count - 1)
  }

  func lend(to projections: [any Projection], _ body: (_ fold: (Int) -> QuarantineReason?) -> Void) {
    let readers = projections.compactMap { $0 as? any ShopProjection }
    let requestReaders = projections.compactMap { $0 as? any RequestProjection }
    precondition(readers.count == projections.count, "a mart of the shop with a projection of another domain")
    events.withUnsafeBufferPointer { events in
      requests.withUnsafeBufferPointer { requests in
        body { place in
          place < 0
            ? Self.fold(requests, ~place, into: requestReaders) : Self.fold(events, place, into: readers)
        }
      }
    }
  }

  @inline(__always)
  private static func fold(
    _ events: UnsafeBufferPointer<ProjectionInput>, _ index: Int, into projections: [any ShopProjection]
  ) -> QuarantineReason? {
    for projection in projections {
      do throws(QuarantineReason) { try projection.fold(events[index]) } catch { return error }
    }
    return nil
  }

  @inline(__always)
  private static func fold(
    _ requests: UnsafeBufferPointer<RequestFigures>, _ index: Int, into projections: [any RequestProjection]
  ) -> QuarantineReason? {
    for projection in projections {
      do throws(QuarantineReason) { try projection.fold(requests[index]) } catch { return error }
    }
    return nil
  }
}
