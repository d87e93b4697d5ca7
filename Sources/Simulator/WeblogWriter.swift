/// Turns requests into lines of Apache's combined format, one file a day.
struct WeblogWriter {
  private let traffic: Traffic
  private let texts: DayTexts
  private let addresses: [[UInt8]]
  private let users: [[UInt8]]
  private let referrers = Landing.all.map { Array($0.referrer.utf8) }
  private let queries = Landing.all.map { Array($0.query.utf8) }
  private let categories = Words.categories.map { Array("/catalog/\($0.slug)".utf8) }
  private static let internalReferrer = Array("\(Landing.site)/catalog".utf8)

  init(traffic: Traffic, texts: DayTexts) {
    self.traffic = traffic
    self.texts = texts
    addresses = traffic.addresses.map { Array($0.utf8) }
    users = traffic.users.map { Array($0.utf8) }
  }

  /// `access.log` is the newest day, `access.log.1` the day before, and so on.
  func write(into folder: String, from firstDay: Int, through lastDay: Int, progress: (Double) -> Void) throws {
    var days = [[Int32]](repeating: [], count: lastDay - firstDay + 1)
    for (index, request) in traffic.requests.enumerated() {
      days[Days.day(ofSecond: request.writtenAt) - firstDay].append(Int32(index))
    }
    for (offset, indices) in days.enumerated() {
      let sorted = indices.sorted {
        let left = traffic.requests[Int($0)].writtenAt
        let right = traffic.requests[Int($1)].writtenAt
        return left == right ? $0 < $1 : left < right
      }
      let age = days.count - 1 - offset
      var file = try OutputFile("\(folder)/access.log\(age == 0 ? "" : ".\(age)")", .create)
      for index in sorted { try file.write { append(traffic.requests[Int(index)], to: &$0) } }
      try file.flush()
      if offset % 32 == 0 { progress(Double(offset) / Double(days.count)) }
    }
  }

  func append(_ request: Request, to line: inout [UInt8]) {
    let space = UInt8(ascii: " ")
    let quote = UInt8(ascii: "\"")
    line.append(contentsOf: addresses[Int(request.address)])
    line.appendText(" - ")
    if request.user < 0 { line.append(UInt8(ascii: "-")) } else { line.append(contentsOf: users[Int(request.user)]) }
    line.append(space)
    if request.form != .withoutTime {
      let day = Days.day(ofSecond: request.time)
      line.append(UInt8(ascii: "["))
      line.append(contentsOf: texts.logDate(day))
      line.append(UInt8(ascii: ":"))
      line.appendClock(Int(request.time - Int64(day) * Days.secondsPerDay))
      line.appendText(" +0000] ")
    }
    if request.form != .withoutRequest {
      line.append(quote)
      line.appendText(request.page == .login || request.status == 201 ? "POST " : "GET ")
      appendPath(request, to: &line)
      if request.form == .truncated {
        line.append(UInt8(ascii: "\n"))
        return
      }
      line.appendText(" HTTP/1.1\" ")
    }
    line.appendNumber(Int(request.status))
    line.append(space)
    if request.bytes < 0 { line.append(UInt8(ascii: "-")) } else { line.appendNumber(Int(request.bytes)) }
    line.appendText(" \"")
    line.append(contentsOf: request.landing < 0 ? WeblogWriter.internalReferrer : referrers[Int(request.landing)])
    line.appendText("\" \"")
    line.append(contentsOf: Agent.all[Int(request.agent)].bytes)
    line.append(quote)
    line.append(UInt8(ascii: "\n"))
  }

  private func appendPath(_ request: Request, to line: inout [UInt8]) {
    switch request.page {
    case .catalog: line.append(contentsOf: categories[Int(request.detail)])
    case .product:
      line.appendText("/products/")
      line.appendNumber(Int(request.detail))
    case .health: line.appendText("/health")
    case .login: line.appendText("/login")
    case .orders:
      line.appendText("/orders")
      if request.status != 201 {
        line.append(UInt8(ascii: "/"))
        line.appendNumber(Int(request.detail))
      }
    }
    if request.landing >= 0, !queries[Int(request.landing)].isEmpty {
      line.append(UInt8(ascii: "?"))
      line.append(contentsOf: queries[Int(request.landing)])
    }
  }
}
