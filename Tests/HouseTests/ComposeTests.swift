import Entity
import Events
import Foundation
import KafkaLog
import TestSupport
import Testing

@Suite("The compose file for Kafka")
struct ComposeTests {
  /// Goal: what `docker compose` makes is what `millrace log create` accepts. Method: the topics and settings in the file's
  /// command against those that the code would use.
  @Test("it makes the topics that Millrace has, with the settings that Millrace gives them") func topics() throws {
    let text = try String(contentsOfFile: "\(Place.root)/compose/kafka.yaml", encoding: .utf8)
    let list = try #require(text.firstMatch(of: /for topic in ([a-z ]+); do/))
    #expect(list.1.split(separator: " ").map(String.init) == Topic.all)
    var settings: [String: String] = [:]
    for match in text.matches(of: /--config ([a-z.]+)=([^\s]+)/) { settings[String(match.1)] = String(match.2) }
    var wanted = KafkaSettings(bootstrap: "127.0.0.1:9092")
    wanted.minInsyncReplicas = 1
    #expect(settings == wanted.topicSettings())
    #expect(text.contains("--partitions 4"), "millrace.yaml's default")
    #expect(text.contains(#"KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false""#))
  }
}
