internal import Glibc
internal import Synchronization

/// The process's handler for traps (SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT): it marks which event the
/// trapping thread had in hand, then lets the signal end the process. SIGKILL and power loss leave no mark.
///
/// Inside the handler only memory set up beforehand is touched: no allocation, no lock, no call but `pthread_self` and
/// `raise`.
enum TrapSignals {
  /// A thread and the word that its trap sets. In shared file memory, so it outlives the process.
  struct Entry: ~Copyable {
    /// 0: free. Else the thread's `pthread_self`.
    let thread = Atomic<UInt>(0)
    let flag = Atomic<UInt>(0)
  }

  /// Nine threads at most for each of three marts, and room for tests that run side by side.
  static let capacity = 64

  private nonisolated(unsafe) static let entries: UnsafeMutablePointer<Entry> = {
    let entries = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
    for index in 0..<capacity { (entries + index).initialize(to: Entry()) }
    return entries
  }()

  private static let isInstalled: Bool = {
    // Touched here, so that the handler finds it made.
    _ = entries
    var action = sigaction()
    action.__sigaction_handler.sa_sigaction = { number, info, _ in
      // Code 0 (SI_USER): sent by another process, a watchdog for example; that is no fault of the event in hand.
      if info?.pointee.si_code != 0 { TrapSignals.mark() }
      // The default action is back by now. Merely returning would end the process only where an instruction traps
      // again.
      raise(number)
    }
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_SIGINFO | SA_ONSTACK | SA_NODEFER
    for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] { sigaction(signal, &action, nil) }
    return true
  }()

  /// From now on a trap of the calling thread stores 1 into `flag`. Returns what `release` needs, nil when all entries
  /// are taken (the thread then runs without the guard).
  static func watchCurrentThread(flag: UnsafeMutablePointer<Int64>) -> Int? {
    _ = isInstalled
    let me = UInt(pthread_self())
    for index in 0..<capacity {
      guard entries[index].thread.compareExchange(expected: 0, desired: me, ordering: .acquiringAndReleasing).exchanged
      else { continue }
      entries[index].flag.store(UInt(bitPattern: flag), ordering: .releasing)
      return index
    }
    return nil
  }

  static func release(_ index: Int) {
    entries[index].flag.store(0, ordering: .releasing)
    entries[index].thread.store(0, ordering: .releasing)
  }

  private static func mark() {
    let me = UInt(pthread_self())
    for index in 0..<capacity where entries[index].thread.load(ordering: .acquiring) == me {
      let flag = entries[index].flag.load(ordering: .acquiring)
      UnsafeMutablePointer<Int64>(bitPattern: flag)?.pointee = 1
    }
  }

  /// Runs `body` with a stack for signal handlers of its own, since a stack overflow leaves no room on the thread's.
  static func withAlternateStack(_ body: () -> Void) {
    let size = 64 << 10
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    var stack = stack_t(ss_sp: memory, ss_flags: 0, ss_size: size)
    sigaltstack(&stack, nil)
    body()
    stack.ss_flags = Int32(SS_DISABLE)
    sigaltstack(&stack, nil)
    memory.deallocate()
  }
}
