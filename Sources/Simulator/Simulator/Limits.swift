/// Bounds of what one build may be asked for; they keep a slip of the keyboard from filling a disk.
enum SimulatorLimits {
  /// About 8 GB of database at 1,000 bytes an order with its lines, shipments and pages.
  static let orders = 10_000_000
  /// About 10 GB of logs; the truth needs about 60 bytes of memory for each.
  static let weblogLines = 50_000_000
  /// Ten years; a log file is written for every day.
  static let days = 3_660
  static let customers = 2_000_000
  static let companies = 20_000
  static let products = 100_000
  static let leads = 1_000_000
  /// Above one half the faults crowd each other out of the rows.
  static let faultRate = 0.5
  /// Live events of one step; larger requests are cut, so that a step's transaction stays short.
  static let liveEventsPerStep = 20_000
  /// Pages of the write-ahead log accumulate until this many live steps have gone by.
  static let liveStepsPerCheckpoint = 50
}
