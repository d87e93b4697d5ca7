/// Lines of a web log.
package enum Lines {
  package static func request(
    _ index: Int, ip: String = "203.0.113.9", user: String = "-", agent: String = "Mozilla/5.0 (X11; Linux)"
  ) -> String {
    "\(ip) - \(user) [17/May/2015:10:\(pad(index / 60 % 60)):\(pad(index % 60)) +0000] "
      + "\"GET /page/\(index) HTTP/1.1\" 200 \(index) \"-\" \"\(agent)\"\n"
  }
  private static func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
