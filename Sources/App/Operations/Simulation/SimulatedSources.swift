package import Concurrency
internal import Failures
internal import Files
package import Simulator
package import Workspace

/// A workspace's simulated source systems: made up at once, or kept busy.
package struct SimulatedSources {
  private let workspace: Workspace
  private let ranges: CountryRanges

  /// Reads which addresses belong to which country, so that visitors can be placed. Throws `.configuration` where
  /// millrace.yaml names other country data than tor-geoipdb's two text files.
  package init(_ workspace: Workspace) throws {
    let files = try workspace.configuration().countryData.map(workspace.resolve)
    guard files.count == 2 else {
      throw Failure(
        .configuration,
        "simulate places visitors by tor-geoipdb's two text files; millrace.yaml names other country data")
    }
    self.workspace = workspace
    ranges = try CountryRanges(v4Path: files[0], v6Path: files[1])
  }

  /// Makes up the platform database, web logs and sheets below `sources`, and the truth file, which says what reports
  /// must show. Throws a `SimulatorError` where some are there already. Blocks, for seconds or minutes. `progress`:
  /// what is being made, and how much of it is done, 0...1.
  package func build(_ plan: SimulationPlan, progress: (Simulator.Stage, Double) -> Void = { _, _ in }) throws {
    try Simulator(plan: plan, countryRanges: ranges)
      .build(into: workspace.sourcesFolder, truthFile: workspace.truthFile, progress: progress)
  }

  /// Goes on with what `build` made until `stop` is asked; answers how many events it produced. Throws `.source` where
  /// nothing was built. Blocks. `begun` is told before the first event, `progress` of all events so far after each
  /// tenth of a second.
  package func keepBusy(
    seed: UInt64, ratePerSecond: Int, stop: StopFlag, begun: () -> Void = {}, progress: (Int) -> Void = { _ in }
  ) throws -> Int {
    guard Files.exists("\(workspace.sourcesFolder)/platform.sqlite") else {
      throw Failure(
        .source, "there are no simulated systems in \(workspace.sourcesFolder) yet; build them first: millrace simulate"
      )
    }
    let simulator = try LiveSimulator(folder: workspace.sourcesFolder, seed: seed, countryRanges: ranges)
    begun()
    var produced = 0
    try simulator.run(
      ratePerSecond: ratePerSecond, now: Workspace.clock, wait: { stop.pause(milliseconds: $0) },
      shouldStop: { stop.isAsked },
      progress: { counts in
        produced += counts.total
        progress(produced)
      })
    return produced
  }
}
