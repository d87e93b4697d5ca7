/// Turns requests into lines of Apache's combined format, one file a day.
struct WeblogWriter {
  private let traffic: Traffic
  private let texts: DayTexts
  private let addresses: [[UInt8]]
  private let users: [[UInt8]]
  private let format = CombinedFormat()

  private static let nobody = [UInt8(ascii: "-")]

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
      for index in sorted {
        let request = traffic.requests[Int(index)]
        let address = addresses[Int(request.address)]
        let user = request.user < 0 ? WeblogWriter.nobody : users[Int(request.user)]
        let date = texts.logDate(Days.day(ofSecond: request.time))
        try file.write { format.append(request, address: address, user: user, date: date, to: &$0) }
      }
      try file.flush()
      if offset % 32 == 0 { progress(Double(offset) / Double(days.count)) }
    }
  }
}
