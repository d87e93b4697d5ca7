extension EventJSON {
  /// What the first members of an object say, for who goes on behind it: read from the bytes that `append` writes.
  package struct Header: Sendable, Equatable {
    package let format: Int
    package let tokenVersion: Int
    package let topic: String
    package let partition: Int32
    package let offset: Int64

    /// nil: the bytes do not begin as an object of any format does.
    package init?(_ bytes: ArraySlice<UInt8>) {
      var rest = bytes
      func number<Number: FixedWidthInteger>(after text: String) -> Number? {
        guard rest.starts(with: text.utf8) else { return nil }
        rest = rest.dropFirst(text.utf8.count)
        let digits = rest.prefix { $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(digits.count)
        return Number(String(decoding: digits, as: UTF8.self))
      }
      let topicKey = ",\"topic\":\""
      guard let format: Int = number(after: "{\"format\":"), let version: Int = number(after: ",\"token_version\":"),
        rest.starts(with: topicKey.utf8)
      else { return nil }
      rest = rest.dropFirst(topicKey.utf8.count)
      // Names of topics have no character that is escaped.
      let topic = rest.prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
      rest = rest.dropFirst(topic.count)
      guard let partition: Int32 = number(after: "\",\"partition\":"), let offset: Int64 = number(after: ",\"offset\":")
      else { return nil }
      self.format = format
      tokenVersion = version
      self.topic = String(decoding: topic, as: UTF8.self)
      self.partition = partition
      self.offset = offset
    }
  }
}
