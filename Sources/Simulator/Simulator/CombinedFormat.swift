/// Apache's combined log format: `address - user [time] "request" status bytes "referrer" "user agent"`.
struct CombinedFormat {
  private let referrers = Landing.all.map { Array($0.referrer.utf8) }
  private let queries = Landing.all.map { Array($0.query.utf8) }
  private let categories = Words.categories.map { Array("/catalog/\($0.slug)".utf8) }
  private static let internalReferrer = Array("\(Landing.site)/catalog".utf8)

  func append(_ request: Request, address: [UInt8], user: [UInt8], date: [UInt8], to line: inout [UInt8]) {
    let space = UInt8(ascii: " ")
    let quote = UInt8(ascii: "\"")
    line.append(contentsOf: address)
    line.appendText(" - ")
    line.append(contentsOf: user)
    line.append(space)
    if request.form != .withoutTime {
      let day = Days.day(ofSecond: request.time)
      line.append(UInt8(ascii: "["))
      line.append(contentsOf: date)
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
    line.append(contentsOf: request.landing < 0 ? CombinedFormat.internalReferrer : referrers[Int(request.landing)])
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
