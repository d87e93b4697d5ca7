internal import Crypto
internal import Text
internal import YAML

/// uap-core's patterns, compiled once and shared by all enrichers. Any thread. Loading takes 0.13 s and 17 MB; RE2's
/// caches then grow with what they see, to about 70 MB, and stay there (190,000 different agents, hostile ones among
/// them).
package final class UserAgentDatabase: Sendable {
  /// SHA-256 of the file in hex: the same user agent may mean something else under another version of the data.
  package let version: String

  private let browsers: UserAgentRules
  private let systems: UserAgentRules
  private let devices: UserAgentRules
  private let robots: PatternSet
  /// The user's own patterns of robots, as given.
  let ownRobots: [String]
  private let ownRobotSet: PatternSet?

  /// `path`: uap-core's `regexes.yaml`; Debian keeps it in /usr/share/uap-core. `robots`: further patterns of robots,
  /// RE2's syntax, in any case; `check(robot:)` says whether one can be used.
  package init(regexes path: String, robots ownRobots: [String] = []) throws(EnrichmentError) {
    let operation = "load the user agent patterns"
    let bytes = try DataFile.read(
      path, limit: Limits.regexesBytes, operation: operation, hint: "install the Debian package uap-core")
    let root: YAMLNode
    do throws(YAMLError) {
      root = try YAMLDocument.parse(bytes[...], name: path, limits: YAMLLimits(bytes: Limits.regexesBytes))
    } catch {
      throw EnrichmentError(operation: operation, cause: error.description, hint: "install the Debian package uap-core")
    }
    browsers = try UserAgentRules(
      root, list: "user_agent_parsers", fields: UserAgentRules.browserFields, path: path)
    systems = try UserAgentRules(root, list: "os_parsers", fields: UserAgentRules.osFields, path: path)
    devices = try UserAgentRules(root, list: "device_parsers", fields: UserAgentRules.deviceFields, path: path)
    do throws(PatternSet.Failure) {
      robots = try PatternSet(RobotRules.patterns.map { ($0, true) })
    } catch {
      throw EnrichmentError(
        operation: operation, cause: "robot pattern \(error.index): \(error.reason)", hint: "report this as a bug")
    }
    self.ownRobots = ownRobots
    ownRobotSet = ownRobots.isEmpty ? nil : try Self.patterns(ownRobots)
    version = Hexadecimal.text(SHA256.hash(bytes))
  }

  /// Throws where RE2 cannot use the pattern, or where it would call every agent a robot.
  package static func check(robot pattern: String) throws(EnrichmentError) {
    let set = try patterns([pattern])
    guard [UInt8]().withUnsafeBufferPointer({ !set.matches($0) }) else {
      throw EnrichmentError(
        operation: "read robots", cause: "'\(pattern)' fits every user agent", hint: "name a word of the program")
    }
  }

  private static func patterns(_ robots: [String]) throws(EnrichmentError) -> PatternSet {
    do throws(PatternSet.Failure) {
      return try PatternSet(robots.map { ($0, true) })
    } catch {
      throw EnrichmentError(
        operation: "read robots", cause: "the pattern '\(robots[error.index])' cannot be used (\(error.reason))",
        hint: "write a regular expression of RE2, such as 'acme-agent/'")
    }
  }

  /// What the data say about the first 512 bytes. About 20 µs, linear in the length.
  func describe(_ text: UnsafeBufferPointer<UInt8>) -> UserAgentDescription {
    let text = cut(text)
    return UserAgentDescription(
      browser: software(browsers.fields(of: text)), os: software(systems.fields(of: text)), device: device(of: text))
  }

  func describe(_ userAgent: String) -> UserAgentDescription {
    var userAgent = userAgent
    return userAgent.withUTF8 { describe($0) }
  }

  func browser(_ userAgent: String) -> UserAgentDescription.Software {
    var userAgent = userAgent
    return userAgent.withUTF8 { software(browsers.fields(of: cut($0))) }
  }

  func os(_ userAgent: String) -> UserAgentDescription.Software {
    var userAgent = userAgent
    return userAgent.withUTF8 { software(systems.fields(of: cut($0))) }
  }

  func device(_ userAgent: String) -> UserAgentDescription.Device {
    var userAgent = userAgent
    return userAgent.withUTF8 { device(of: cut($0)) }
  }

  /// The facts that reports use; rules in `DeviceClass` and `RobotRules`.
  func facts(_ text: UnsafeBufferPointer<UInt8>) -> UserAgentFacts {
    let text = cut(text)
    var description = describe(text)
    var isBot = description.device.family == "Spider" || robots.matches(text)
    if isBot, let plain = RobotRules.withoutModel(text) {
      // Once more without the model: a phone may be called Robot.
      plain.withUnsafeBufferPointer { plain in
        let device = device(of: plain)
        isBot = device.family == "Spider" || robots.matches(plain)
        if !isBot { description.device = device }
      }
    }
    isBot = isBot || ownRobotSet?.matches(text) == true
    return UserAgentFacts(
      deviceClass: (isBot ? .bot : DeviceClass(description, userAgent: text)).rawValue,
      os: name(description.os.family), browser: name(description.browser.family), isBot: isBot)
  }

  private func cut(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: text.prefix(Limits.userAgentBytes))
  }

  private func software(_ fields: [String?]?) -> UserAgentDescription.Software {
    guard let fields else { return UserAgentDescription.Software() }
    return UserAgentDescription.Software(
      family: fields[0] ?? "Other", major: fields[1], minor: fields[2], patch: fields[3], patchMinor: fields[4])
  }

  private func device(of text: UnsafeBufferPointer<UInt8>) -> UserAgentDescription.Device {
    guard let fields = devices.fields(of: text) else { return UserAgentDescription.Device() }
    return UserAgentDescription.Device(family: fields[0] ?? "Other", brand: fields[1], model: fields[2])
  }

  /// A family as reports may show it. Some of uap-core's families are text out of the user agent; what is long or
  /// holds control characters is no product's name.
  private func name(_ family: String) -> String {
    guard family.utf8.count <= Limits.nameBytes,
      family.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0 != "\u{7f}" && $0 != "\u{fffd}" })
    else { return "Other" }
    return family
  }
}
