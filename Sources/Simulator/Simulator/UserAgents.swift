/// User agents, and what uap-core's patterns say about each: written down by hand from its data, not computed.
struct Agent {
  var bytes: [UInt8]
  var deviceClass: String
  var os: String
  var browser: String
  var weight: Int
  var isBot: Bool { deviceClass == "Bot" }
  var isGarbled = false

  init(_ text: String, _ deviceClass: String, _ os: String, _ browser: String, _ weight: Int) {
    bytes = Array(text.utf8)
    self.deviceClass = deviceClass
    self.os = os
    self.browser = browser
    self.weight = weight
  }

  private static let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
  private static let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
  private static let phone = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/"

  /// Weights in hundredths of human and bot lines together. Chrome on Android hides the model ("Android 10; K").
  static let usual: [Agent] = [
    Agent(windows + "Chrome/138.0.0.0 Safari/537.36", "Desktop", "Windows", "Chrome", 24),
    Agent(windows + "Chrome/126.0.0.0 Safari/537.36", "Desktop", "Windows", "Chrome", 16),
    Agent(windows + "Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0", "Desktop", "Windows", "Edge", 15),
    Agent(
      mac + "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15", "Desktop", "Mac OS X", "Safari", 10
    ),
    Agent(
      mac + "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36", "Desktop", "Mac OS X", "Chrome", 10
    ),
    Agent("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Desktop", "Linux", "Firefox", 5),
    Agent(
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) " + phone + "17.5 Mobile/15E148 Safari/604.1", "Phone",
      "iOS",
      "Mobile Safari", 7),
    Agent(
      "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) " + phone + "17.5 Mobile/15E148 Safari/604.1", "Tablet", "iOS",
      "Mobile Safari", 1),
    Agent(
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
      "Phone", "Android", "Chrome Mobile", 5),
    Agent(
      "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
      "Phone", "Android", "Chrome Mobile", 2),
    Agent("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Bot", "Other", "Googlebot", 5),
  ]

  /// What follows an ordinary agent in a garbled one; the number keeps different garbage different after its repair.
  private static let garbage: [[UInt8]] = [
    Array(" Build/1 ".utf8) + [0x1b, 0x5b, 0x33, 0x31, 0x6d],
    Array(" Build/2 ".utf8) + [0xff, 0xfe, 0xc3],
    Array(" Build/3 ".utf8) + [0x00, 0x78],
  ]

  /// The usual ones, then every human desktop one with each kind of garbage.
  static let all: [Agent] = {
    var agents = usual
    for agent in usual where agent.deviceClass == "Desktop" {
      for tail in garbage {
        var garbled = agent
        garbled.bytes += tail
        garbled.weight = 0
        garbled.isGarbled = true
        agents.append(garbled)
      }
    }
    return agents
  }()

  static let kindsOfGarbage = garbage.count

  /// The garbled variant of an agent; nil for one without.
  static func garbled(_ index: Int, kind: Int) -> Int? {
    guard usual.indices.contains(index), usual[index].deviceClass == "Desktop" else { return nil }
    let rank = usual[..<index].count { $0.deviceClass == "Desktop" }
    return usual.count + rank * garbage.count + kind % garbage.count
  }
}
