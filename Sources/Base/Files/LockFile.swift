internal import CSystem
internal import Glibc

/// An exclusive advisory lock on a small file of its own (flock(2)); freed when the object goes, also by kill -9.
/// The file stays: deleting a lock file lets two owners lock two different files of one name.
///
/// Whoever takes it keeps it: in a property, or for the length of a function by `defer { withExtendedLifetime(lock) {}
/// }`, since the compiler may free an object after its last use.
package final class LockFile: Sendable {
  private let descriptor: Int32
  package let path: String

  /// Takes the lock, or answers nil at once when another process (or this one) holds it.
  package static func tryLock(_ path: String) throws(FileError) -> LockFile? {
    let descriptor = try open(path)
    switch millrace_lock_exclusively(descriptor) {
    case 0: return LockFile(descriptor: descriptor, path: path)
    case 1:
      close(descriptor)
      return nil
    default:
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw FileError(path: path, operation: "lock", reason: reason)
    }
  }

  /// Opens the file without taking the lock; use `withLock`.
  package init(opening path: String) throws(FileError) {
    descriptor = try LockFile.open(path)
    self.path = path
  }

  private init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Frees the lock by name before it closes: a process that another thread is starting holds a copy of each descriptor
  /// until its exec, and a lock that only a close frees would live that long.
  deinit {
    _ = millrace_unlock(descriptor)
    close(descriptor)
  }

  /// Waits for the lock, lends it, frees it. Not reentrant.
  package func withLock<R>(_ body: () throws -> R) throws -> R {
    guard millrace_lock_waiting(descriptor) == 0 else {
      throw FileError(path: path, operation: "lock", reason: String(cString: strerror(errno)))
    }
    defer { _ = millrace_unlock(descriptor) }
    return try body()
  }

  private static func open(_ path: String) throws(FileError) -> Int32 {
    let descriptor = millrace_open_lock_file(path)
    guard descriptor >= 0 else {
      throw FileError(path: path, operation: "open lock file", reason: String(cString: strerror(errno)))
    }
    return descriptor
  }
}
