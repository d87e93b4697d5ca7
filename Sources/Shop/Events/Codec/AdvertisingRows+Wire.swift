internal import Entity
internal import Money
internal import Wire

// How Spend stands on the wire: `proto/millrace/v1/event.proto`, message Spend.
extension Spend: WireRow {
  static var blank: Self {
    Self(
      date: CivilDate(daysSinceEpoch: 0), market: "", channel: "", campaign: "", amountMinor: 0, currency: "")
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch SpendField(rawValue: tag.field) {
      case .date:
        try reader.sint32(&date.daysSinceEpoch, tag, bytes)
      case .market:
        try reader.string(&market, tag, bytes)
      case .channel:
        try reader.string(&channel, tag, bytes)
      case .campaign:
        try reader.string(&campaign, tag, bytes)
      case .amountMinor:
        try reader.sint64(&amountMinor, tag, bytes)
      case .currency:
        try reader.string(&currency, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.sint32(SpendField.date.rawValue, date.daysSinceEpoch)
    writer.string(SpendField.market.rawValue, market)
    writer.string(SpendField.channel.rawValue, channel)
    writer.string(SpendField.campaign.rawValue, campaign)
    writer.sint64(SpendField.amountMinor.rawValue, amountMinor)
    writer.string(SpendField.currency.rawValue, currency)
  }
}

// How Decision stands on the wire: `proto/millrace/v1/event.proto`, message Decision.
extension Decision: WireRow {
  static var blank: Self {
    Self(kind: "", by: "")
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch DecisionField(rawValue: tag.field) {
      case .kind:
        try reader.string(&kind, tag, bytes)
      case .by:
        try reader.string(&by, tag, bytes)
      case .inputs:
        try reader.rows(&inputs, tag, bytes)
      case .recommendation:
        if recommendation != nil { throw .repeatedField("Decision.recommendation") }
        recommendation = .blank
        let outer = try reader.enter(tag, bytes)
        try recommendation?.read(&reader, bytes)
        reader.leave(outer)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.string(DecisionField.kind.rawValue, kind)
    writer.string(DecisionField.by.rawValue, by)
    for row in inputs { row.write(DecisionField.inputs.rawValue, &writer) }
    recommendation?.write(DecisionField.recommendation.rawValue, &writer)
  }
}

// How LogPosition stands on the wire: `proto/millrace/v1/event.proto`, message LogPosition.
extension LogPosition: WireRow {
  static var blank: Self {
    Self(topic: "", partition: 0, nextOffset: 0)
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch LogPositionField(rawValue: tag.field) {
      case .topic:
        try reader.string(&topic, tag, bytes)
      case .partition:
        try reader.int32(&partition, tag, bytes)
      case .nextOffset:
        try reader.int64(&nextOffset, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.string(LogPositionField.topic.rawValue, topic)
    writer.int32(LogPositionField.partition.rawValue, partition)
    writer.int64(LogPositionField.nextOffset.rawValue, nextOffset)
  }
}

// How Recommendation stands on the wire: `proto/millrace/v1/event.proto`, message Recommendation.
extension Recommendation: WireRow {
  static var blank: Self {
    Self(
      period: "", firstDate: CivilDate(daysSinceEpoch: 0), lastDate: CivilDate(daysSinceEpoch: 0), currency: "",
      totalMinor: 0, expectedReturnMinor: 0, lowMinor: 0, highMinor: 0, rows: [])
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch RecommendationField(rawValue: tag.field) {
      case .period:
        try reader.string(&period, tag, bytes)
      case .firstDate:
        try reader.sint32(&firstDate.daysSinceEpoch, tag, bytes)
      case .lastDate:
        try reader.sint32(&lastDate.daysSinceEpoch, tag, bytes)
      case .currency:
        try reader.string(&currency, tag, bytes)
      case .totalMinor:
        try reader.sint64(&totalMinor, tag, bytes)
      case .expectedReturnMinor:
        try reader.sint64(&expectedReturnMinor, tag, bytes)
      case .lowMinor:
        try reader.sint64(&lowMinor, tag, bytes)
      case .highMinor:
        try reader.sint64(&highMinor, tag, bytes)
      case .warning:
        try reader.string(&warning, tag, bytes)
      case .rows:
        try reader.rows(&rows, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.string(RecommendationField.period.rawValue, period)
    writer.sint32(RecommendationField.firstDate.rawValue, firstDate.daysSinceEpoch)
    writer.sint32(RecommendationField.lastDate.rawValue, lastDate.daysSinceEpoch)
    writer.string(RecommendationField.currency.rawValue, currency)
    writer.sint64(RecommendationField.totalMinor.rawValue, totalMinor)
    writer.sint64(RecommendationField.expectedReturnMinor.rawValue, expectedReturnMinor)
    writer.sint64(RecommendationField.lowMinor.rawValue, lowMinor)
    writer.sint64(RecommendationField.highMinor.rawValue, highMinor)
    writer.string(RecommendationField.warning.rawValue, warning)
    for row in rows { row.write(RecommendationField.rows.rawValue, &writer) }
  }
}

// How Recommendation.Row stands on the wire: `proto/millrace/v1/event.proto`, message RecommendationRow.
extension Recommendation.Row: WireRow {
  static var blank: Self {
    Self(
      market: "", channel: "", amountMinor: 0, expectedReturnMinor: 0, lowMinor: 0, highMinor: 0, reason: "")
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch RecommendationRowField(rawValue: tag.field) {
      case .market:
        try reader.string(&market, tag, bytes)
      case .channel:
        try reader.string(&channel, tag, bytes)
      case .amountMinor:
        try reader.sint64(&amountMinor, tag, bytes)
      case .expectedReturnMinor:
        try reader.sint64(&expectedReturnMinor, tag, bytes)
      case .lowMinor:
        try reader.sint64(&lowMinor, tag, bytes)
      case .highMinor:
        try reader.sint64(&highMinor, tag, bytes)
      case .reason:
        try reader.string(&reason, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.string(RecommendationRowField.market.rawValue, market)
    writer.string(RecommendationRowField.channel.rawValue, channel)
    writer.sint64(RecommendationRowField.amountMinor.rawValue, amountMinor)
    writer.sint64(RecommendationRowField.expectedReturnMinor.rawValue, expectedReturnMinor)
    writer.sint64(RecommendationRowField.lowMinor.rawValue, lowMinor)
    writer.sint64(RecommendationRowField.highMinor.rawValue, highMinor)
    writer.string(RecommendationRowField.reason.rawValue, reason)
  }
}

extension WireReader {
  /// One element of a repeated message.
  mutating func rows<Row: WireRow>(
    _ values: inout [Row], _ tag: WireTag, _ bytes: borrowing Span<UInt8>
  ) throws(WireError) {
    guard values.count < WireLimits.repeatedElements else { throw .tooMany }
    var row = Row.blank
    let outer = try enter(tag, bytes)
    try row.read(&self, bytes)
    leave(outer)
    values.append(row)
  }
}
