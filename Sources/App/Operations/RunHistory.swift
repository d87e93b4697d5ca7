package import Runs
package import Workspace

/// The runs of every job, as the ledger knows them.
package enum RunHistory {
  /// Newest first. Runs whose process vanished are marked as broken before. `job`: all runs of that name; `replay` and
  /// `rollback` stand for those of every mart, which carry the mart's name. nil: of all jobs. Blocks.
  package static func read(_ workspace: Workspace, job: String? = nil, limit: Int) throws -> [RunRecord] {
    let ledger = try workspace.ledger()
    try ledger.markBroken()
    if let job, ["replay", "rollback"].contains(job) {
      return Array(try ledger.list(limit: .max).filter { $0.job.hasPrefix(job + " ") }.prefix(limit))
    }
    return try ledger.list(job: job, limit: limit)
  }
}
