import EventLog
import EventLogContract
import Foundation
import KafkaLog
import KafkaSupport
import TestSupport
import Testing

/// Digests of single records are all that Kafka has to prove a position by.
private let capabilities: LogCapabilities = {
  var capabilities = LogCapabilities()
  capabilities.anchorsEveryRecord = true
  return capabilities
}()

@Suite("Kafka and the contract of every log")
struct ContractTests {
  /// Goal: Kafka behaves like any log. Method: the shared contract checks, each on a mock cluster of its own.
  @Test("the log on a mock cluster keeps the contract", arguments: LogContract.checks)
  func keepsContract(check: LogContract.Check) throws {
    let cluster = MockCluster()
    try check.run(
      LogUnderTest(prefix: "contract.", capabilities: capabilities) { try cluster.open(cluster.settings(prefix: "a-")) }
    )
  }

  /// Goal: the same on a real broker, which the mock only resembles. Method: the brokers of MILLRACE_TEST_BOOTSTRAP, each
  /// check under a prefix of its own.
  @Test(
    "the log on a real broker keeps the contract",
    .enabled(if: RealKafka.givenBootstrap != nil, "MILLRACE_TEST_BOOTSTRAP names no broker"),
    arguments: LogContract.checks)
  func keepsContractOnBroker(check: LogContract.Check) throws {
    let chosen = try #require(RealKafka.givenSettings("test"))
    try check.run(
      LogUnderTest(prefix: "contract.", capabilities: capabilities) {
        _ = try KafkaLog.create(chosen, nowMillis: 1_700_000_000_000)
        return try KafkaLog(chosen)
      })
  }

  /// Goal: copies into Kafka lose, repeat and reorder nothing, and positions of the original can be found in them. Method:
  /// the shared checks of copies, each on a mock cluster of its own.
  @Test("a copy on a mock cluster keeps the contract of copies", arguments: LogContract.copyChecks)
  func copyKeepsContract(check: LogContract.CopyCheck) throws {
    let cluster = MockCluster()
    try check.run(
      CopyTargetUnderTest(prefix: "contract.") { lineage in
        let settings = cluster.settings(prefix: "c-")
        _ = try KafkaLog.create(settings, id: lineage, nowMillis: 0, administration: cluster.administration)
        return try cluster.open(settings)
      })
  }
}
