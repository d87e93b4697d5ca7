internal import EventLog
internal import Glibc
internal import Synchronization

/// Remembers, across crashes, which event was in hand when a thread trapped, so that an event that traps twice is left
/// out at the third start instead of stopping the mart for ever.
///
/// The event in hand stands in a page of a small file mapped into memory: the kernel keeps it when the process dies,
/// and setting it costs one store. Only the trap handler sets the slot's flag, so SIGKILL never counts. The file
/// belongs to the generation's one writer. Nothing is synced: power loss is no trap.
///
/// Words of the page: a magic number, then a slot for each thread, then suspects, sixteen words each:
/// [0] flag (slot) or count (suspect), [1] partition, [2] offset, [3] topic's length, [4...11] topic.
///
/// Unchecked: `poisoned` is written by `init` alone, and each thread writes the words of its own slot only.
final class TrapGuard: @unchecked Sendable {
  enum Place {
    case folding
    /// A preparing thread, from 0 on.
    case preparing(Int)

    fileprivate var slot: Int {
      switch self {
      case .folding: 0
      case .preparing(let worker): 1 + worker
      }
    }
  }

  /// Another number for each layout of the page: an older file is cleared.
  private static let magic: Int64 = 0x4d49_4c52_5452_4152
  private static let pageBytes = 4_096
  private static let entryWords = 16
  /// In an entry's place for an offset: there is no event.
  fileprivate static let noOffset: Int64 = -1
  private static let topicBytes = 64
  private static let firstEntry = 8
  /// Entries before the suspects: one for each `Place`.
  private static let slots = 1 + PipelineLimits.mostWorkers

  private let words: UnsafeMutablePointer<Int64>

  /// Events to quarantine unparsed.
  private(set) var poisoned: [TopicPartition: Set<Offset>] = [:]

  /// Opens or makes the file, counts what trapped last time, and forgets what lies before `positions`.
  /// nil when the file cannot be used: the guard is a comfort, and its lack must not stop the work.
  init?(path: String, positions: (TopicPartition) -> Offset) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard ftruncate(descriptor, off_t(TrapGuard.pageBytes)) == 0,
      let page = mmap(nil, TrapGuard.pageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), page != MAP_FAILED
    else { return nil }
    words = page.bindMemory(to: Int64.self, capacity: TrapGuard.pageBytes / 8)
    if words[0] != TrapGuard.magic {
      for index in 0..<(TrapGuard.pageBytes / 8) { words[index] = 0 }
      words[0] = TrapGuard.magic
    }
    countTraps(positions)
  }

  deinit { munmap(words, TrapGuard.pageBytes) }

  func slot(_ place: Place) -> Slot { Slot(words: entry(place.slot), owner: self) }

  private func entry(_ index: Int) -> UnsafeMutablePointer<Int64> {
    words + TrapGuard.firstEntry + index * TrapGuard.entryWords
  }

  private func countTraps(_ positions: (TopicPartition) -> Offset) {
    var suspects: [(partition: TopicPartition, offset: Offset, count: Int64)] = []
    for index in TrapGuard.slots..<(TrapGuard.slots + PipelineLimits.suspects) {
      guard let (partition, offset) = TrapGuard.read(entry(index)), entry(index)[0] > 0 else { continue }
      suspects.append((partition, offset, entry(index)[0]))
    }
    for index in 0..<TrapGuard.slots {
      let slot = entry(index)
      if slot[0] != 0, let (partition, offset) = TrapGuard.read(slot) {
        if let known = suspects.firstIndex(where: { $0.partition == partition && $0.offset == offset }) {
          suspects[known].count &+= 1
        } else {
          suspects.append((partition, offset, 1))
        }
      }
      TrapGuard.clear(slot)
    }
    suspects.removeAll { $0.offset < positions($0.partition) }
    suspects = suspects.suffix(PipelineLimits.suspects)
    for index in 0..<PipelineLimits.suspects {
      let place = entry(TrapGuard.slots + index)
      TrapGuard.clear(place)
      guard index < suspects.count else { continue }
      TrapGuard.write(suspects[index].partition, suspects[index].offset, to: place)
      place[0] = suspects[index].count
    }
    for suspect in suspects where suspect.count >= PipelineLimits.traps {
      poisoned[suspect.partition, default: []].insert(suspect.offset)
    }
  }

  private static func read(_ entry: UnsafeMutablePointer<Int64>) -> (TopicPartition, Offset)? {
    let length = entry[3]
    guard entry[2] >= 0, length > 0, length <= topicBytes, let number = Int32(exactly: entry[1]) else { return nil }
    let topic = UnsafeRawBufferPointer(start: entry + 4, count: Int(length))
    return (TopicPartition(String(decoding: topic, as: UTF8.self), number), Offset(entry[2]))
  }

  private static func write(_ partition: TopicPartition, _ offset: Offset?, to entry: UnsafeMutablePointer<Int64>) {
    var topic = Array(partition.topic.utf8.prefix(topicBytes))
    entry[1] = Int64(partition.partition)
    entry[3] = Int64(topic.count)
    topic += [UInt8](repeating: 0, count: topicBytes - topic.count)
    UnsafeMutableRawBufferPointer(start: entry + 4, count: topicBytes).copyBytes(from: topic)
    entry[2] = offset?.rawValue ?? noOffset
  }

  private static func clear(_ entry: UnsafeMutablePointer<Int64>) {
    for word in 0..<entryWords { entry[word] = 0 }
    entry[2] = noOffset
  }

  /// One thread's place for the event in hand. Made by that thread and used by it alone.
  struct Slot {
    private let words: UnsafeMutablePointer<Int64>
    /// An atomic store, so that the compiler cannot drop it as dead before an instruction that traps.
    private let offset: UnsafeMutablePointer<Atomic<Int64>>
    /// Keeps the mapping.
    private let owner: TrapGuard

    fileprivate init(words: UnsafeMutablePointer<Int64>, owner: TrapGuard) {
      self.words = words
      self.owner = owner
      offset = UnsafeMutableRawPointer(words + 2).assumingMemoryBound(to: Atomic<Int64>.self)
    }

    /// Runs `body` with traps of the calling thread marked.
    func watching<R>(_ body: () throws -> R) rethrows -> R {
      let index = TrapSignals.watchCurrentThread(flag: words)
      defer {
        release()
        if let index { TrapSignals.release(index) }
      }
      return try body()
    }

    func enter(_ partition: TopicPartition) { TrapGuard.write(partition, nil, to: words) }

    @inline(__always)
    func hold(_ offset: Offset) { self.offset.pointee.store(offset.rawValue, ordering: .relaxed) }

    /// Sets the mark as the signal handler would; for tests.
    func pretendTrap() { words[0] = 1 }

    /// No event is in hand: a trap now is nobody's.
    func release() { offset.pointee.store(TrapGuard.noOffset, ordering: .relaxed) }
  }
}
