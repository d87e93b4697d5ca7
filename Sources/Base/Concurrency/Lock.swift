internal import Glibc

/// A value that one thread at a time may touch, and on whose change others can wait. The one kind of lock here: made of a
/// POSIX mutex, which ThreadSanitizer understands (it reports false races on `Synchronization.Mutex`).
///
/// Not recursive; held for short work by threads of our own, never across a suspension. For work of a
/// few microseconds that threads fight over: Crypto's `AdaptiveLock`.
///
/// Unchecked: `contents` are touched only between locking and unlocking the mutex, and mutex and condition stand at fixed
/// addresses, which POSIX lets every thread use.
package final class Lock<Value>: @unchecked Sendable {
  private struct Contents {
    var value: Value
    // A value without a size has no place of its own: ThreadSanitizer is told the object's, whose header every call reads
    // before it has the lock.
    private let weight: UInt8 = 0

    init(_ value: Value) { self.value = value }
  }

  private var contents: Contents
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>

  package init(_ value: sending Value) {
    contents = Contents(value)
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    changed = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    // Waits must not stretch when somebody sets the clock.
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(changed, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(changed)
    changed.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` while nobody else has the value. Blocks until then.
  package func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&contents.value)
  }

  /// As `withLock`, and wakes everybody who waits for the value to change.
  package func change<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
    return try body(&contents.value)
  }

  /// Waits while `condition` holds of the value, then runs `body` as `change` does.
  package func change<R, E: Error>(
    afterWaitingWhile condition: (Value) -> Bool, _ body: (inout Value) throws(E) -> R
  ) throws(E) -> R {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
    while condition(contents.value) { pthread_cond_wait(changed, mutex) }
    return try body(&contents.value)
  }

  /// Waits while `condition` holds of the value, at most so long. True: it holds no more.
  package func wait(milliseconds: Int, while condition: (Value) -> Bool) -> Bool {
    var end = Monotonic.after(milliseconds: milliseconds)
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while condition(contents.value) {
      if pthread_cond_timedwait(changed, mutex, &end) == ETIMEDOUT { return !condition(contents.value) }
    }
    return true
  }
}
