import Files
import Foundation
import KafkaSupport
import TestSupport
import Testing

/// TLS and SASL against a real broker, through the real executable.
@Suite(
  "Kafka with TLS and SASL", .serialized, .temporaryFolder, .enabled(if: RealKafka.tool != nil, RealKafka.absence))
struct KafkaSecurityTests {
  /// What the broker's tools give their only user.
  private static let password = "test-only"

  private struct Access {
    var bootstrap: String
    var authority: String
    var passwordFile: String
    var extra = ""
  }

  private func access(_ kafka: RealKafka, password: String = password) throws -> Access {
    let path = "\(TemporaryFolder.path)/password-\(UUID().uuidString)"
    try Files.create(path, with: Array((password + "\n").utf8), mode: 0o600)
    return Access(
      bootstrap: "localhost:\(kafka.port + 2)", authority: "\(kafka.folder)/tls/ca.pem", passwordFile: path)
  }

  /// Writes the log's block into the workspace's millrace.yaml, in place of the one before.
  private func use(_ access: Access, in workspace: TestWorkspace) throws {
    let file = "\(workspace.folder)/millrace.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let own = text.range(of: "\nlog:\n").map { String(text[..<$0.lowerBound]) } ?? text
    try workspace.configure(
      own + """

        log:
          kind: kafka
          bootstrap: \(access.bootstrap)
          properties:
            security.protocol: sasl_ssl
            sasl.mechanisms: PLAIN
            sasl.username: millrace
            ssl.ca.location: \(access.authority)
        \(access.extra)  secret_files:
            sasl.password: \(access.passwordFile)

        """)
  }

  /// Everything under the workspace that holds these bytes, and streams that do.
  private func leaks(of secret: String, _ workspace: TestWorkspace, _ results: [ChildProcess.Result]) throws -> [String]
  {
    var found: [String] = []
    let bytes = Data(secret.utf8)
    for file in try FileManager.default.subpathsOfDirectory(atPath: workspace.folder) {
      if let data = FileManager.default.contents(atPath: "\(workspace.folder)/\(file)"), data.range(of: bytes) != nil {
        found.append(file)
      }
    }
    for (number, result) in results.enumerated() {
      if result.outputBytes.range(of: bytes) != nil { found.append("standard output of command \(number)") }
      if result.errorBytes.range(of: bytes) != nil { found.append("standard error of command \(number)") }
    }
    return found
  }

  /// Goal: the whole road works over an encrypted, authenticated connection, and the password shows nowhere. Method: all of
  /// librdkafka's lines about security and brokers; then every byte of streams and workspace is searched.
  @Test("capture and project work with TLS and a password, and the password shows nowhere") func works() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path, options: ["--secure"])
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    var access = try access(kafka)
    access.extra = "    debug: \"security,broker,conf\"\n"
    try use(access, in: workspace)
    var results = [try workspace.run("log", "create")]
    results.append(try workspace.run("capture", "--once"))
    results.append(try workspace.run("project", "--once"))
    results.append(try workspace.run("log", "topics"))
    try workspace.expectTruth()
    #expect(results[0].errors.contains("librdkafka: "), "no debug lines: the search below proves nothing")
    #expect(try leaks(of: Self.password, workspace, results).isEmpty)
    #expect(try !leaks(of: access.bootstrap, workspace, results).isEmpty, "the search finds nothing at all")
  }

  /// Goal: a connection that is not proved both ways is never used, and the words say what to mend. Method: each wrong, with
  /// the rest right; each ends `capture` with the code of a wrong configuration, as a service too, which must not wait for it
  /// to pass.
  @Test("a wrong password, authority or host name is refused, with a code that says configuration")
  func refusals() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path, options: ["--secure"])
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    let right = try access(kafka)
    try use(right, in: workspace)
    try workspace.run("log", "create")

    let canary = "kanarie-falsch-9917"
    var wrongPassword = try access(kafka, password: canary)
    wrongPassword.extra = "    debug: \"security,broker\"\n"
    let authority = "\(TemporaryFolder.path)/other.pem"
    let made = try ChildProcess.run(
      [
        "/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=other",
        "-keyout", "\(TemporaryFolder.path)/other.key", "-out", authority,
      ], folder: TemporaryFolder.path)
    #expect(made.status == 0, "\(made.errors)")
    var wrongAuthority = right
    wrongAuthority.authority = authority
    var missingAuthority = right
    missingAuthority.authority = "\(TemporaryFolder.path)/missing.pem"
    var plain = right
    plain.bootstrap = "127.0.0.1:\(kafka.port)"
    var wrong = [
      ("password", wrongPassword, ["Authentication failed", "secret files"]),
      ("authority", wrongAuthority, ["certificate verify failed", "ssl.ca.location"]),
      ("file", missingAuthority, ["ssl.ca.location"]),
    ]
    let proxy = try Toxiproxy.tool.map { _ in try Toxiproxy(folder: TemporaryFolder.path) }
    if let proxy {
      // The certificate names localhost and 127.0.0.1; this is neither.
      let port = try Toxiproxy.freePort()
      try proxy.add("secure", listen: "127.0.0.2:\(port)", upstream: right.bootstrap)
      var wrongName = right
      wrongName.bootstrap = "127.0.0.2:\(port)"
      wrong.append(("host name", wrongName, ["certificate", "carries its name"]))
    }
    for (name, access, words) in wrong {
      try use(access, in: workspace)
      // Certificates get the whole patience of a request: another broker of the cluster may have a right one.
      let commands = [["capture", "--once"], ["capture"], ["project", "--once"]]
      for command in name == "password" ? commands : Array(commands.prefix(name == "authority" ? 2 : 1)) {
        let result = try workspace.answer(command)
        #expect(result.status == 66, "\(name), \(command): \(result.status): \(result.errors)")
        let last = result.errors.split(separator: "\n").last.map(String.init) ?? ""
        for word in words { #expect(last.contains(word), "\(name), \(command): \(last)") }
        #expect(try leaks(of: canary, workspace, [result]).isEmpty)
        #expect(try leaks(of: Self.password, workspace, [result]).isEmpty)
      }
    }
    // A listener without TLS hangs up, as a broker does that stops: a service waits for it, so the words must help.
    try use(plain, in: workspace)
    let hungUp = try workspace.answer(["capture", "--once"])
    #expect(
      hungUp.status == 77 && hungUp.errors.contains("security.protocol fits"), "\(hungUp.status): \(hungUp.errors)")
    // And nothing has changed.
    try use(right, in: workspace)
    try workspace.catchUp()
    try workspace.expectTruth()
    withExtendedLifetime(proxy) {}
  }
}
