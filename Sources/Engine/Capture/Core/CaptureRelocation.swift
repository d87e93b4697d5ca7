package import EventLog
internal import Files

/// Moves a workspace's capture from its log to a copy of that log. Holds the capture lock from its making on, so that
/// nothing is captured meanwhile. Calls block; one thread.
package final class CaptureRelocation {
  private let lock: LockFile
  /// nil: nothing was captured yet.
  private let outbox: Outbox?

  /// Throws `.alreadyRunning` while a capture works on the workspace.
  package init(workspace: String) throws {
    let configuration = CaptureConfiguration(workspace: workspace)
    guard let lock = try LockFile.tryLock(configuration.lockPath) else {
      throw CaptureError(
        .alreadyRunning, operation: "move to another log", cause: "a capture works on this workspace",
        hint: "stop `millrace capture` and `millrace run`, then try again")
    }
    self.lock = lock
    let path = configuration.outboxPath
    outbox = Files.exists(path) ? try Outbox(path: path) : nil
  }

  /// What the outbox keeps as proof of the log; empty where there is no outbox.
  package func anchors() throws -> [TopicPartition: [LogAnchor]] { try outbox?.anchors() ?? [:] }

  /// Puts other anchors in the place of all; the caller vouches that the new log holds what the old one held before
  /// them. Records that were not delivered yet go to the new log, as they would have gone to the old one.
  package func overwriteAnchors(_ anchors: [TopicPartition: [LogAnchor]]) throws {
    try outbox?.overwriteAnchors(anchors)
  }
}
