internal import Foundation
internal import FoundationXML

/// Walks one XML part with Foundation's parser: no document type, no entities but the five of XML itself, bounded depth.
/// Names come without their namespace prefix.
final class XMLWalker: NSObject, XMLParserDelegate {
  private let limits: SpreadsheetLimits
  private let onStart: (String, [String: String]) throws -> Void
  private let onText: (String) throws -> Void
  private let onEnd: (String) throws -> Void
  private var open: [String] = []
  private var failure: (any Error)?

  private init(
    limits: SpreadsheetLimits, onStart: @escaping (String, [String: String]) throws -> Void,
    onText: @escaping (String) throws -> Void, onEnd: @escaping (String) throws -> Void
  ) {
    self.limits = limits
    self.onStart = onStart
    self.onText = onText
    self.onEnd = onEnd
  }

  static func walk(
    _ bytes: [UInt8], limits: SpreadsheetLimits, onStart: (String, [String: String]) throws -> Void,
    onText: (String) throws -> Void = { _ in }, onEnd: (String) throws -> Void = { _ in }
  ) throws {
    try refuseDefinitions(bytes)
    try withoutActuallyEscaping(onStart) { onStart in
      try withoutActuallyEscaping(onText) { onText in
        try withoutActuallyEscaping(onEnd) { onEnd in
          let walker = XMLWalker(limits: limits, onStart: onStart, onText: onText, onEnd: onEnd)
          let parser = XMLParser(data: Data(bytes))
          parser.shouldResolveExternalEntities = false
          parser.delegate = walker
          let isWhole = parser.parse()
          parser.delegate = nil
          if let failure = walker.failure { throw failure }
          guard isWhole, parser.parserError == nil, walker.open.isEmpty else { throw broken }
        }
      }
    }
  }

  /// Before any parser sees the bytes: entities can only come from a document type, and a document type can only hide
  /// behind another encoding, which workbooks never need.
  private static func refuseDefinitions(_ bytes: [UInt8]) throws(SpreadsheetError) {
    let head = String(decoding: bytes.prefix(200), as: UTF8.self)
    if head.contains("<?xml"), let encoding = head.firstRange(of: "encoding=") {
      let name = head[encoding.upperBound...].dropFirst().prefix(5).lowercased()
      guard name == "utf-8" || name == "us-as" else { throw SpreadsheetError(.forbidden, "its XML is not in UTF-8") }
    }
    let marker = Array("<!".utf8)
    let data = Array("<![CDATA[".utf8)
    let comment = Array("<!--".utf8)
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0 { throw SpreadsheetError(.forbidden, "its XML is not in UTF-8") }
      if bytes[index] == marker[0] {
        let rest = bytes[index...]
        if rest.starts(with: marker), !rest.starts(with: data), !rest.starts(with: comment) {
          throw SpreadsheetError(.forbidden, "its XML has a document type or entities")
        }
      }
      index += 1
    }
  }

  private static let broken = SpreadsheetError(.malformed, "a part of the workbook is not well-formed XML")

  private func attempt(_ parser: XMLParser, _ body: () throws -> Void) {
    guard failure == nil else { return }
    do {
      try body()
    } catch {
      failure = error
      parser.abortParsing()
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    attempt(parser) {
      open.append(name)
      guard open.count <= limits.depth else { throw SpreadsheetError(.limit, "its XML is nested too deeply") }
      try onStart(local(name), attributes)
    }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    attempt(parser) {
      // Foundation's parser repairs what is not well-formed and goes on.
      guard open.popLast() == name else { throw Self.broken }
      try onEnd(local(name))
    }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) { attempt(parser) { try onText(text) } }

  func parser(_ parser: XMLParser, foundCDATA block: Data) {
    attempt(parser) { try onText(String(decoding: block, as: UTF8.self)) }
  }

  private func local(_ name: String) -> String {
    guard let colon = name.utf8.lastIndex(of: UInt8(ascii: ":")) else { return name }
    return String(name[name.utf8.index(after: colon)...])
  }
}
