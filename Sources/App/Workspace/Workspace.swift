internal import Failures
internal import Files
package import Telemetry

/// The folder with everything Millrace keeps: configuration, keys, log, marts, ledgers.
package struct Workspace: Sendable {
  /// Without a slash at its end.
  package let folder: String

  /// Tells the person in front what a job waits for.
  package let notices: Notices
  /// Where all parts of this workspace write their log lines.
  package let logger: Logger
  /// Where all parts of this workspace count, for whoever shows it.
  package let metrics = Metrics()

  /// A workspace that may not be there yet. A slash at the end of `folder` does not matter.
  package init(folder: String, logger: Logger = .silent, notices: Notices = .unheard) {
    var folder = folder
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    self.folder = folder
    self.logger = logger
    self.notices = notices
  }

  /// A workspace that is there; throws `.workspace` where the folder holds none.
  package init(existing folder: String, logger: Logger = .silent, notices: Notices = .unheard) throws(Failure) {
    self.init(folder: folder, logger: logger, notices: notices)
    guard Files.exists(configurationFile) else {
      throw Failure(
        .workspace,
        "'\(self.folder)' is no Millrace workspace (it has no millrace.yaml); make one with: millrace init --workspace \(self.folder)"
      )
    }
  }

  // Where things are; they need not be there.

  package var configurationFile: String { "\(folder)/millrace.yaml" }
  package var keyFolder: String { "\(folder)/keys" }
  package var masterKeyFile: String { "\(folder)/keys/master.key" }
  package var vaultFile: String { "\(folder)/vault.sqlite" }
  package var captureFile: String { "\(folder)/capture.sqlite" }
  package var operatorFile: String { "\(folder)/operator.sqlite" }
  package var logFolder: String { "\(folder)/log" }
  package var martsFolder: String { "\(folder)/marts" }
  package var runsFile: String { "\(folder)/runs.sqlite" }
  package var truthFile: String { "\(folder)/truth.json" }
  package var sourcesFolder: String { "\(folder)/sources" }

  /// A path of the configuration: absolute as it is, else inside the workspace.
  package func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
}
