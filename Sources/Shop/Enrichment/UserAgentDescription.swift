/// All that uap-core's data say about a user agent, in the terms of its specification. Absent parts are nil.
struct UserAgentDescription: Equatable, Sendable {
  struct Software: Equatable, Sendable {
    var family = "Other"
    var major: String?
    var minor: String?
    var patch: String?
    var patchMinor: String?
  }

  struct Device: Equatable, Sendable {
    var family = "Other"
    var brand: String?
    var model: String?
  }

  var browser = Software()
  var os = Software()
  var device = Device()
}
