/// Names of source systems.
package enum SourceName {
  package static let platform = "platform"
  package static let weblog = "weblog"
  package static let leads = "leads"
  /// Sheets of advertising spend.
  package static let spend = "spend"
  /// A person's or the planner's own decisions.
  package static let `operator` = "operator"

  package static let all = [platform, weblog, leads, spend, `operator`]
}
