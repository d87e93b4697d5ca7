internal import CExpat
internal import Glibc

/// Walks one XML part of a workbook with expat, piece by piece. No document type, so no entities but the five of XML itself;
/// UTF-8 only; depth, markup and names are bounded. Names of elements come without their namespace prefix.
///
/// Whatever the bytes are, the walk ends or throws a `SpreadsheetError`, or what a closure has thrown.
final class XMLWalker {
  private let parser: OpaquePointer
  private let limits: SpreadsheetLimits
  private let onStart: (String, [String: String]) throws -> Void
  private let onText: (String) throws -> Void
  private let onEnd: (String) throws -> Void
  private var depth = 0
  private var names: Set<String> = []
  /// Bytes given to the parser, and where the construct begins that it has seen in part.
  private var fed = 0
  private var reached = 0
  /// What ended the walk; nothing is called any more then.
  private var failure: (any Error)?

  private init(
    limits: SpreadsheetLimits, onStart: @escaping (String, [String: String]) throws -> Void,
    onText: @escaping (String) throws -> Void, onEnd: @escaping (String) throws -> Void
  ) throws(SpreadsheetError) {
    // A declared encoding is overruled by this one; `declaration` refuses to read a part that has another.
    guard let parser = XML_ParserCreate("UTF-8") else { throw SpreadsheetError(.file, "expat could not start") }
    self.parser = parser
    self.limits = limits
    self.onStart = onStart
    self.onText = onText
    self.onEnd = onEnd
    XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    XML_SetElementHandler(parser, Self.startHandler, Self.endHandler)
    XML_SetCharacterDataHandler(parser, Self.textHandler)
    XML_SetXmlDeclHandler(parser, Self.declarationHandler)
    XML_SetStartDoctypeDeclHandler(parser, Self.documentTypeHandler)
  }

  deinit { XML_ParserFree(parser) }

  /// `pieces` calls what it is given with the part's bytes, in order, in pieces of any size.
  static func walk(
    limits: SpreadsheetLimits, pieces: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void,
    onStart: (String, [String: String]) throws -> Void, onText: (String) throws -> Void,
    onEnd: (String) throws -> Void
  ) throws {
    try withoutActuallyEscaping(onStart) { onStart in
      try withoutActuallyEscaping(onText) { onText in
        try withoutActuallyEscaping(onEnd) { onEnd in
          let walker = try XMLWalker(limits: limits, onStart: onStart, onText: onText, onEnd: onEnd)
          try pieces(walker.take)
          try walker.parse(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
        }
      }
    }
  }

  private static let broken = SpreadsheetError(.malformed, "a part of the workbook is not well-formed XML")
  private static let definitions = SpreadsheetError(.forbidden, "its XML has a document type or entities")
  private static let otherEncoding = SpreadsheetError(.forbidden, "its XML is not in UTF-8")

  // MARK: Feeding the parser

  private func take(_ piece: UnsafeRawBufferPointer) throws {
    guard let start = piece.baseAddress, !piece.isEmpty else { return }
    // UTF-16 and UTF-32, which the parser would recognise by itself, have it in every tag.
    guard memchr(start, 0, piece.count) == nil else { throw Self.otherEncoding }
    try parse(piece, isLast: false)
    fed += piece.count
    let index = XML_GetCurrentByteIndex(parser)
    if index >= 0 { reached = index }
    // The parser keeps an unfinished tag or comment and reads it again with each piece, so its length is a matter of time too.
    guard fed - reached <= limits.markupBytes else {
      throw SpreadsheetError(.limit, "a tag or comment of its XML is longer than \(limits.markupBytes) bytes")
    }
  }

  private func parse(_ piece: UnsafeRawBufferPointer, isLast: Bool) throws {
    let bytes = piece.baseAddress?.assumingMemoryBound(to: CChar.self)
    let status = XML_Parse(parser, bytes, Int32(clamping: piece.count), isLast ? 1 : 0)
    if let failure { throw failure }
    guard status == XML_STATUS_OK else { throw standsAtDefinition ? Self.definitions : Self.broken }
  }

  /// Whether the parser gave up at a declaration such as `<!ENTITY`, which has no place outside of a document type.
  private var standsAtDefinition: Bool {
    var offset: Int32 = 0
    var count: Int32 = 0
    guard let bytes = XML_GetInputContext(parser, &offset, &count), offset >= 0, count - offset >= 3 else {
      return false
    }
    let found = (0..<3).map { UInt8(bitPattern: bytes[Int(offset) + $0]) }
    return found[0] == UInt8(ascii: "<") && found[1] == UInt8(ascii: "!")
      && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(found[2])
  }

  // MARK: What the parser finds

  private func attempt(_ body: () throws -> Void) {
    guard failure == nil else { return }
    do {
      try body()
    } catch {
      failure = error
      XML_StopParser(parser, XML_Bool(XML_FALSE))
    }
  }

  private func start(_ name: UnsafePointer<CChar>, _ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>) {
    attempt {
      depth += 1
      guard depth <= limits.depth else { throw SpreadsheetError(.limit, "its XML is nested too deeply") }
      var found: [String: String] = [:]
      var index = 0
      while let key = attributes[index], let value = attributes[index + 1] {
        let key = String(cString: key)
        try remember(key)
        found[key] = String(cString: value)
        index += 2
      }
      let name = local(name)
      try remember(name)
      try onStart(name, found)
    }
  }

  private func end(_ name: UnsafePointer<CChar>) {
    attempt {
      depth -= 1
      try onEnd(local(name))
    }
  }

  private func text(_ bytes: UnsafeRawBufferPointer) {
    attempt { try onText(String(decoding: bytes, as: UTF8.self)) }
  }

  private func declaration(encoding: UnsafePointer<CChar>?) {
    attempt {
      guard let encoding else { return }
      guard ["utf-8", "us-ascii"].contains(String(cString: encoding).lowercased()) else { throw Self.otherEncoding }
    }
  }

  /// The parser itself keeps every name that it has met, for as long as it lives.
  private func remember(_ name: String) throws {
    names.insert(name)
    guard names.count <= limits.names else {
      throw SpreadsheetError(.limit, "its XML has more than \(limits.names) names of elements and attributes")
    }
  }

  private func local(_ name: UnsafePointer<CChar>) -> String {
    guard let colon = strrchr(name, CInt(UInt8(ascii: ":"))) else { return String(cString: name) }
    return String(cString: colon + 1)
  }

  // MARK: Out of C

  private static func walker(_ context: UnsafeMutableRawPointer?) -> XMLWalker? {
    context.map { Unmanaged<XMLWalker>.fromOpaque($0).takeUnretainedValue() }
  }

  private static let startHandler: XML_StartElementHandler = { context, name, attributes in
    guard let name, let attributes else { return }
    walker(context)?.start(name, attributes)
  }

  private static let endHandler: XML_EndElementHandler = { context, name in
    guard let name else { return }
    walker(context)?.end(name)
  }

  private static let textHandler: XML_CharacterDataHandler = { context, bytes, count in
    walker(context)?.text(UnsafeRawBufferPointer(start: bytes, count: max(0, Int(count))))
  }

  private static let declarationHandler: XML_XmlDeclHandler = { context, _, encoding, _ in
    walker(context)?.declaration(encoding: encoding)
  }

  private static let documentTypeHandler: XML_StartDoctypeDeclHandler = { context, _, _, _, _ in
    walker(context)?.attempt { throw definitions }
  }
}
