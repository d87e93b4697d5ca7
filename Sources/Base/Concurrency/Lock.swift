internal import Glibc

/// A value that one thread at a time may touch, and on whose change others can wait. The one kind of lock here: made of a
/// POSIX mutex, which ThreadSanitizer understands (it reports false races on `Synchronization.Mutex`).
///
/// Not recursive; held for short work by threads of our own, never across a suspension. For work of a
/// few microseconds that threads fight over: Crypto's `AdaptiveLock`.
///
/// Unchecked: `value` is touched only between locking and unlocking the mutex, and mutex and condition stand at fixed
/// addresses, which POSIX lets every thread use.
package final class Lock<Value>: @unchecked Sendable {
  private var value: Value
  // A value without a size would share its address with the field behind it, whose reads ThreadSanitizer then takes for
  // reads of the value.
  private let apart: UInt8 = 0
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>

  package init(_ value: sending Value) {
    self.value = value
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
    return try body(&value)
  }

  /// As `withLock`, and wakes everybody who waits for the value to change.
  package func change<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }
    return try body(&value)
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
    while condition(value) { pthread_cond_wait(changed, mutex) }
    return try body(&value)
  }

  /// Waits while `condition` holds of the value, at most so long. True: it holds no more.
  package func wait(milliseconds: Int, while condition: (Value) -> Bool) -> Bool {
    var end = Monotonic.after(milliseconds: milliseconds)
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while condition(value) {
      if pthread_cond_timedwait(changed, mutex, &end) == ETIMEDOUT { return !condition(value) }
    }
    return true
  }
}
