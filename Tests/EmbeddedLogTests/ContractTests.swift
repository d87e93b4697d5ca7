import EmbeddedLog
import EventLogContract
import TestSupport
import Testing

@Suite("The embedded log and the contract of every log")
struct ContractTests {
  /// Goal: the embedded log behaves like any log. Method: the shared contract checks, each on a log of its own.
  @Test("the embedded log keeps the contract", .temporaryFolder, arguments: LogContract.checks)
  func keepsContract(check: LogContract.Check) throws {
    let folder = TemporaryFolder.path
    try check.run(LogUnderTest(prefix: "contract.") { try EmbeddedLog(folder: folder + "/log") })
  }
}
