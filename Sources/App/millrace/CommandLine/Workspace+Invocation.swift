internal import Telemetry
internal import Workspace

extension Workspace {
  /// The workspace that `--workspace` names, with the voice that `--log-level` and `--log-format` ask for; throws when
  /// there is none.
  init(_ invocation: Invocation) throws {
    try self.init(
      existing: Self.folder(invocation), logger: Self.logger(invocation), notices: Self.notices(invocation))
  }

  /// The same, whether or not it is there.
  init(perhaps invocation: Invocation) {
    self.init(
      folder: Self.folder(invocation), logger: Self.logger(invocation), notices: Self.notices(invocation))
  }

  private static func folder(_ invocation: Invocation) -> String {
    invocation["workspace"] ?? Command.defaultWorkspace
  }

  private static func logger(_ invocation: Invocation) -> Logger {
    Logger.standardError(
      format: invocation["log-format"].flatMap(LogFormat.init) ?? .logfmt,
      level: invocation["log-level"].flatMap(LogLevel.init(name:)) ?? .warning)
  }

  /// Plain sentences for people; log lines for those who asked for a form.
  private static func notices(_ invocation: Invocation) -> Notices {
    guard invocation.has("log-format") else { return Notices { Output.note($0) } }
    let logger = logger(invocation)
    return Notices { logger.warning($0) }
  }
}
