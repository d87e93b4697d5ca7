import Enrichment
import Foundation

/// Many seeds on all cores, and what they came to.
package final class Campaign: @unchecked Sendable {
  private let seeds: Range<UInt64>
  private let lock = NSLock()
  private var next: UInt64
  private var done: UInt64 = 0
  private var suffered: FaultCounts = [:]
  private var seedsWith: FaultCounts = [:]
  private var failures: [String] = []
  /// After so many failures there is nothing more to learn.
  private static let mostFailures = 10
  /// So many seeds force every kind several times.
  private static let seedsForAllKinds = 56

  package init(seeds: Range<UInt64>) {
    self.seeds = seeds
    next = seeds.lowerBound
  }

  /// Blocks. True: all seeds held, each suffered at least one fault, and many of them every kind. Prints what was suffered and
  /// each failing seed.
  package func run() -> Bool {
    let began = Date()
    // In memory where that is possible: nothing here is about the disk.
    let shared = "/dev/shm"
    let base = FileManager.default.isWritableFile(atPath: shared) ? shared : NSTemporaryDirectory()
    let root = "\(base)/millrace-simulation-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    do {
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
      let agents = try Workshop.loadAgents()
      let cores = min(ProcessInfo.processInfo.activeProcessorCount, max(1, seeds.count))
      let workshops = try (0..<cores).map { try Workshop(folder: "\(root)/\($0)", agents: agents) }
      let group = DispatchGroup()
      for workshop in workshops {
        group.enter()
        let thread = Thread { [self] in
          work(in: workshop)
          group.leave()
        }
        thread.stackSize = 8 << 20
        thread.start()
      }
      group.wait()
    } catch {
      print("the simulation could not begin: \(error)")
      return false
    }
    for failure in failures { print(failure) }
    for fault in Fault.allCases {
      print("  \(fault.rawValue): \(suffered[fault] ?? 0) times in \(seedsWith[fault] ?? 0) seeds")
    }
    let seconds = Date().timeIntervalSince(began)
    print(
      "\(done) seeds, \(suffered.values.reduce(0, +)) faults, \(failures.count) failures, "
        + "\(String(format: "%.1f", seconds)) s")
    let missing = seeds.count < Campaign.seedsForAllKinds ? [] : Fault.allCases.filter { suffered[$0] == nil }
    if !missing.isEmpty { print("never suffered: \(missing.map(\.rawValue))") }
    return failures.isEmpty && done == UInt64(seeds.count) && missing.isEmpty
  }

  private func take() -> UInt64? {
    lock.withLock {
      guard next < seeds.upperBound, failures.count < Campaign.mostFailures else { return nil }
      defer { next += 1 }
      return next
    }
  }

  private func work(in workshop: Workshop) {
    while let seed = take() {
      let result = Result { try Simulation.run(seed: seed, in: workshop) }
      lock.withLock {
        switch result {
        case .success(let faults):
          done += 1
          if done.isMultiple(of: 1_000) { print("\(done) seeds") }
          suffered.merge(faults) { $0 + $1 }
          for fault in faults.keys { seedsWith[fault, default: 0] += 1 }
        case .failure(let error): failures.append("\(error)")
        }
      }
    }
  }
}
