internal import Glibc

/// A file of others that is open for reading, as it was when it was opened.
///
/// Not for an SQLite file that this process has open: closing the descriptor would drop the locks that it holds there.
package struct OpenFile: ~Copyable {
  private let descriptor: Int32
  /// Which file it is, whatever its name is by now.
  package let identity: FileIdentity
  /// Bytes.
  package let size: UInt64
  /// Of the last write, on the file system's clock.
  package let modifiedMillis: Int64

  /// nil: there is no such regular file (any more).
  package init?(_ path: String) {
    let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard opened >= 0 else { return nil }
    var raw = stat()
    guard fstat(opened, &raw) == 0, raw.st_mode & S_IFMT == S_IFREG else {
      close(opened)
      return nil
    }
    descriptor = opened
    identity = FileIdentity(device: UInt64(raw.st_dev), inode: UInt64(raw.st_ino))
    size = UInt64(clamping: raw.st_size)
    modifiedMillis = raw.modifiedMillis
  }

  deinit { close(descriptor) }

  /// Size in bytes and time of the last write as they are now, whatever the file's name; nil: the disk reported an
  /// error.
  package var now: (size: UInt64, modifiedMillis: Int64)? {
    var raw = stat()
    guard fstat(descriptor, &raw) == 0 else { return nil }
    return (UInt64(clamping: raw.st_size), raw.modifiedMillis)
  }

  /// Whether the file is there and may not be read.
  package static func isBarred(_ path: String) -> Bool { access(path, R_OK) != 0 && errno == EACCES }

  /// Fills the buffer from an offset on; fewer bytes only at the end of the file. nil: the disk reported an error.
  package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(clamping: offset &+ UInt64(filled)))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// As many bytes from an offset on; nil: there are not so many, or the disk reported an error.
  package func bytes(at offset: UInt64, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    guard let filled = bytes.withUnsafeMutableBytes({ read(at: offset, into: $0) }), filled == count else { return nil }
    return bytes
  }

  /// The file system's idea of now, in milliseconds.
  package static var systemMillis: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) &* 1_000 &+ Int64(now.tv_nsec) / 1_000_000
  }
}

/// What a look at a regular file's name tells, without opening it.
package struct FileGlance: Sendable, Equatable {
  /// Which file it is.
  package var identity: FileIdentity
  /// Bytes.
  package var size: UInt64
  /// Of the last write, on the file system's clock.
  package var modifiedMillis: Int64

  /// Symbolic links are followed. nil: there is no such regular file.
  package init?(_ path: String) {
    var raw = stat()
    guard stat(path, &raw) == 0, raw.st_mode & S_IFMT == S_IFREG else { return nil }
    identity = FileIdentity(device: UInt64(raw.st_dev), inode: UInt64(raw.st_ino))
    size = UInt64(clamping: raw.st_size)
    modifiedMillis = raw.modifiedMillis
  }
}

extension stat {
  fileprivate var modifiedMillis: Int64 { Int64(st_mtim.tv_sec) &* 1_000 &+ Int64(st_mtim.tv_nsec) / 1_000_000 }
}

/// What stays the same when a file is renamed.
package struct FileIdentity: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64

  package init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  /// Of the file of that name, without opening it; nil: there is none.
  package init?(of path: String) {
    var raw = stat()
    guard stat(path, &raw) == 0 else { return nil }
    self.init(device: UInt64(raw.st_dev), inode: UInt64(raw.st_ino))
  }

  /// How positions of events name the file.
  package var text: String { String(device, radix: 16) + "-" + String(inode, radix: 16) }
}
