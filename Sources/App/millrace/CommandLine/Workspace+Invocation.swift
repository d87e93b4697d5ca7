internal import Telemetry
internal import Workspace

extension Workspace {
  /// The workspace that `--workspace` names; throws when there is none.
  init(_ invocation: Invocation) throws {
    try self.init(existing: Self.folder(invocation), logger: Self.logger, notices: Self.notices)
  }

  /// The same, whether or not it is there.
  init(perhaps invocation: Invocation) {
    self.init(folder: Self.folder(invocation), logger: Self.logger, notices: Self.notices)
  }

  private static func folder(_ invocation: Invocation) -> String { invocation["workspace"] ?? "millrace-data" }

  private static let logger = Logger.standardError(format: .logfmt, level: .warning)
  private static let notices = Notices { Output.note($0) }
}
