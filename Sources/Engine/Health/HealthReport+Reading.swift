internal import EventLog
package import Marts
internal import SQLite

extension HealthReport {
  /// Reads the bookkeeping of each mart. A mart that has not been built yet is not healthy, and no error; a damaged one
  /// is an error. `nowMillis` decides the age and nothing else. `sources`: whom each mart depends on; the age of a mart
  /// that is not among them is unknown, and that of a mart with an empty list is nobody's concern: its sources are
  /// switched off. `quarantine`: which events in quarantine still count.
  package init(
    marts folder: String, names: [String], sources: [String: [MartSource]], rules: HealthRules = HealthRules(),
    quarantine: QuarantineRules = QuarantineRules(), nowMillis: Int64
  ) throws(MartError) {
    var marts: [Mart] = []
    for name in names {
      let directory = MartDirectory(marts: folder, name: name)
      guard try directory.currentGeneration() != nil else {
        marts.append(
          Mart(
            name: name, generation: 0, ageSeconds: nil, counts: MartCounts(), gaps: 0,
            reasons: ["it has not been built yet; run `millrace project`"]))
        continue
      }
      marts.append(try HealthReport.mart(MartReader(directory), sources[name], rules, quarantine, nowMillis))
    }
    self.init(marts: marts)
  }

  /// Counts, gaps and ages belong to one state of the mart.
  private static func mart(
    _ reader: MartReader, _ sources: [MartSource]?, _ rules: HealthRules, _ quarantine: QuarantineRules,
    _ nowMillis: Int64
  ) throws(MartError) -> Mart {
    do {
      return try reader.snapshot { _ in
        let read = try reader.sourcesRead(sources ?? [])
        let gaps = try reader.gaps().reduce(UInt64(0)) { sum, gap in
          let size = (gap.numbers.upperBound &- gap.numbers.lowerBound).addingReportingOverflow(1)
          let total = sum.addingReportingOverflow(size.partialValue)
          return size.overflow || total.overflow ? .max : total.partialValue
        }
        return rules.judge(
          name: reader.name, generation: reader.generation,
          ageSeconds: read.upTo.map { max(0, (nowMillis &- $0) / 1_000) }, silent: read.silent,
          isAttended: sources != [],
          counts: try reader.counts(),
          openQuarantine: try reader.quarantineCounts(counting: quarantine).reduce(0) { $0 + $1.count }, gaps: gaps)
      }
    } catch let error as MartError {
      throw error
    } catch {
      throw MartError(
        .storage, mart: reader.name, operation: "read its bookkeeping", cause: "the file cannot be read",
        hint: "check the disk, then rebuild the mart")
    }
  }
}
