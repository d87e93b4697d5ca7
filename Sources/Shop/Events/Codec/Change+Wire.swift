internal import Entity
internal import Wire

// What the generated codecs of rows and payloads stand on.

extension WireRow {
  init(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    self = Self.blank
    try read(&reader, bytes)
  }

  func write(_ field: UInt32, _ writer: inout WireWriter, _ key: RowKey<SealedPerson>?) {
    let start = writer.begin(field)
    write(&writer, key)
    writer.end(start)
  }
}

extension Change where Row: WireRow {
  /// Reads the innermost message. One of before and after must be there: a change without a row says nothing, unless
  /// the event's key says which row was deleted (`mayLackRows`). What the reader has set aside then is of the row after
  /// the change, or of the one before it where there is no other.
  init(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>, _ mayLackRows: Bool) throws(WireError) {
    var before: Row?
    var after: Row?
    var (sawBefore, sawAfter) = (false, false)
    var aside: Int64 = 0
    while let tag = try reader.next(bytes) {
      switch ChangeField(rawValue: tag.field) {
      case .before:
        if sawBefore { throw .repeatedField("Change.before") }
        sawBefore = true
        before = Row.blank
        let outer = try reader.enter(tag, bytes)
        reader.aside = 0
        try before?.read(&reader, bytes)
        reader.leave(outer)
        if !sawAfter { aside = reader.aside }
      case .after:
        if sawAfter { throw .repeatedField("Change.after") }
        sawAfter = true
        after = Row.blank
        let outer = try reader.enter(tag, bytes)
        reader.aside = 0
        try after?.read(&reader, bytes)
        reader.leave(outer)
        aside = reader.aside
      case nil:
        try reader.skip(tag, bytes)
      }
    }
    if !sawBefore, !sawAfter, !mayLackRows { throw .missingField("Change.after") }
    reader.aside = aside
    self.init(before: before.take(), after: after.take())
  }

  func write(_ writer: inout WireWriter, _ key: RowKey<SealedPerson>?) {
    before?.write(ChangeField.before.rawValue, &writer, key)
    after?.write(ChangeField.after.rawValue, &writer, key)
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
