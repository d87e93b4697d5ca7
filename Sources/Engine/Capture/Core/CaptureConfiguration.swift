/// What a capture works on.
package struct CaptureConfiguration: Sendable, Equatable {
  /// Folder of capture.sqlite and capture.lock.
  package var workspace: String
  /// What is captured; places are absolute or inside the process's own folder.
  package var sources: [SourceDescription]
  /// Names of sources that are listed and not captured for now.
  package var switchedOff: [String] = []
  /// Names of files that are read though something about them is odd: somebody has looked at them.
  package var accepted: Set<String> = []
  /// Partitions of every topic.
  package var partitions: Int32
  /// Whether triggers that are missing in a database are installed at the start; otherwise that is an error.
  package var installsTriggers: Bool
  /// Events per commit: larger is faster, smaller is fresher and uses less memory.
  package var batchEvents: Int
  /// A source that has not answered for this long is told of, and not waited for when the capture is to end.
  package var silentMillis = CaptureLimits.silentMillis

  package init(
    workspace: String, sources: [SourceDescription] = [], partitions: Int32 = 4, installsTriggers: Bool = true,
    batchEvents: Int = CaptureLimits.batchEvents
  ) {
    self.workspace = workspace
    self.sources = sources
    self.partitions = partitions
    self.installsTriggers = installsTriggers
    self.batchEvents = batchEvents
  }

  /// Who keeps an outbox and a lock of its own in the workspace: decisions do not wait for a running capture.
  package var role = Role.capture
  /// Each has its own outbox and lock.
  package enum Role: String, Sendable {
    /// What is read from source systems.
    case capture
    /// What is decided here: by a person, or a program of ours.
    case `operator`
  }

  var outboxPath: String { "\(workspace)/\(role.rawValue).sqlite" }
  var lockPath: String { "\(workspace)/\(role.rawValue).lock" }
}
