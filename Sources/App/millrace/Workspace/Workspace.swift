internal import Files

/// The folder with everything Millrace keeps: configuration, keys, log, marts, ledgers.
struct Workspace: Sendable {
  let folder: String

  init(folder: String) { self.folder = folder }

  /// The workspace that `--workspace` names; throws when there is none.
  init(_ invocation: Invocation) throws {
    self.init(folder: Self.folder(invocation))
    guard Files.exists(configurationFile) else {
      let wanted = invocation.has("workspace") ? "--workspace \(folder)" : "'\(folder)'"
      throw Failure(
        .workspace,
        "\(wanted) is no Millrace workspace (it has no millrace.yaml); make one with: millrace init --workspace \(folder)"
      )
    }
  }

  static func folder(_ invocation: Invocation) -> String {
    var folder = invocation["workspace"] ?? "millrace-data"
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    return folder
  }

  var configurationFile: String { "\(folder)/millrace.yaml" }
  var keyFolder: String { "\(folder)/keys" }
  var masterKeyFile: String { "\(folder)/keys/master.key" }
  var vaultFile: String { "\(folder)/vault.sqlite" }
  var captureFile: String { "\(folder)/capture.sqlite" }
  var operatorFile: String { "\(folder)/operator.sqlite" }
  var logFolder: String { "\(folder)/log" }
  var martsFolder: String { "\(folder)/marts" }
  var runsFile: String { "\(folder)/runs.sqlite" }
  var truthFile: String { "\(folder)/truth.json" }
  var sourcesFolder: String { "\(folder)/sources" }

  /// Where `init` makes the folder of spend sheets; an empty one is a source without spend, none at all is a fault.
  var spendFolder: String { "\(sourcesFolder)/spend" }

  func martFolder(_ mart: String) -> String { "\(martsFolder)/\(mart)" }

  /// A path of the configuration: absolute as it is, else inside the workspace.
  func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
}
