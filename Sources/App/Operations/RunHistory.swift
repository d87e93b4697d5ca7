package import Runs
package import Workspace

/// The runs of every job, as the ledger knows them.
package enum RunHistory {
  /// Newest first. Runs whose process vanished are marked as broken before. `kind`: only runs of this job, of every mart
  /// where it has runs of each; nil: of all jobs. Blocks.
  package static func read(_ workspace: Workspace, _ kind: JobKind? = nil, limit: Int) throws -> [RunRecord] {
    let ledger = try workspace.ledger()
    try ledger.markBroken()
    guard let kind, kind.isPerMart else { return try ledger.list(job: kind?.rawValue, limit: limit) }
    return try Array(ledger.list(limit: .max).filter { kind.mart(of: $0.job) != nil }.prefix(limit))
  }
}
