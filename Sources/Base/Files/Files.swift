internal import CSystem
internal import Glibc

/// Small, durable file operations. All calls block.
package enum Files {
  package struct Status: Sendable, Equatable {
    package var device: UInt64
    package var inode: UInt64
    /// Bytes.
    package var size: UInt64
    package var links: UInt64
    /// Permission bits, e.g. 0o600.
    package var mode: UInt32
    package var owner: UInt32
    package var isRegular: Bool
  }

  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether there is a folder, or a link to one.
  package static func isFolder(_ path: String) -> Bool { access(path + "/.", F_OK) == 0 }

  /// Creates a folder and its parents, so that their names survive power loss; an existing one is fine.
  package static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    if path.isEmpty || isFolder(path) { return }
    let parent = folder(of: path)
    if parent != path { try makeFolder(parent, mode: mode) }
    guard mkdir(path, mode) == 0 || (errno == EEXIST && isFolder(path)) else { throw failure(path, "create folder") }
    try syncFolder(parent)
  }

  /// Makes names created or renamed in a folder survive power loss.
  package static func syncFolder(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "open folder") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(path, "sync folder") }
  }

  /// Makes a file's content survive power loss. Not for a SQLite file that this process has open: closing the
  /// descriptor would drop the locks that it holds there (https://www.sqlite.org/howtocorrupt.html).
  package static func syncFile(_ path: String) throws(FileError) {
    let descriptor = millrace_open_no_follow(path)
    guard descriptor >= 0 else { throw failure(path, "open") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(path, "sync") }
  }

  /// Bytes that this user may still write on the file system of `path`.
  package static func freeBytes(at path: String) throws(FileError) -> UInt64 {
    var raw = statvfs()
    guard statvfs(path, &raw) == 0 else { throw failure(path, "ask for free space") }
    let (bytes, overflow) = UInt64(raw.f_bavail).multipliedReportingOverflow(by: UInt64(raw.f_frsize))
    return overflow ? .max : bytes
  }

  /// Replaces a small file so that after a crash either the old or the new content is there, never a mixture.
  /// Not for SQLite files: renaming over a live database corrupts it.
  package static func replace(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws(FileError) {
    let temporary = path + ".tmp"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw failure(temporary, "create") }
    do {
      defer { close(descriptor) }
      try write(bytes, to: descriptor, path: temporary)
      guard fsync(descriptor) == 0 else { throw failure(temporary, "sync") }
    }
    guard rename(temporary, path) == 0 else { throw failure(path, "replace") }
    try syncFolder(folder(of: path))
  }

  /// Creates a file that must not exist yet.
  package static func create(_ path: String, with bytes: [UInt8], mode: UInt32) throws(FileError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw failure(path, "create") }
    defer { close(descriptor) }
    try write(bytes, to: descriptor, path: path)
    guard fsync(descriptor) == 0 else { throw failure(path, "sync") }
    try syncFolder(folder(of: path))
  }

  /// Reads a file of at most `limit` bytes, not following a symbolic link.
  package static func read(_ path: String, limit: Int) throws(FileError) -> (bytes: [UInt8], status: Status) {
    let descriptor = millrace_open_no_follow(path)
    guard descriptor >= 0 else {
      throw errno == ELOOP
        ? FileError(path: path, operation: "read", reason: "it is a symbolic link") : failure(path, "read")
    }
    defer { close(descriptor) }
    let status = try status(of: descriptor, path: path)
    guard status.isRegular else { throw FileError(path: path, operation: "read", reason: "it is not a regular file") }
    guard status.size <= UInt64(limit) else {
      throw FileError(
        path: path, operation: "read", reason: "it has \(status.size) bytes, more than the limit of \(limit)")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path, "read") }
      if count == 0 { break }
      filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return (bytes, status)
  }

  /// The first line of a file that the kernel makes up when it is read (below /proc), at most 255 bytes.
  package static func readLine(_ path: String) throws(FileError) -> String {
    let descriptor = millrace_open_no_follow(path)
    guard descriptor >= 0 else { throw failure(path, "read") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 255)
    let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw failure(path, "read") }
    return String(decoding: bytes.prefix(count).prefix { $0 != 0x0a }, as: UTF8.self)
  }

  /// Identity and shape of the file at `path`; a symbolic link is refused. The file is not opened: closing any
  /// descriptor of a live SQLite file would drop the locks that this process holds on it
  /// (https://www.sqlite.org/howtocorrupt.html).
  package static func status(_ path: String) throws(FileError) -> Status {
    var raw = millrace_file_status()
    guard millrace_examine_path(path, &raw) == 0 else { throw failure(path, "examine") }
    guard raw.is_link == 0 else {
      throw FileError(path: path, operation: "examine", reason: "it is a symbolic link")
    }
    return status(raw)
  }

  package static func isSymbolicLink(_ path: String) -> Bool {
    var raw = millrace_file_status()
    return millrace_examine_path(path, &raw) == 0 && raw.is_link != 0
  }

  /// Identity and shape of an open file; `path` is for the error text only.
  package static func status(of descriptor: Int32, path: String) throws(FileError) -> Status {
    var raw = millrace_file_status()
    guard millrace_examine_file(descriptor, &raw) == 0 else { throw failure(path, "examine") }
    return status(raw)
  }

  private static func status(_ raw: millrace_file_status) -> Status {
    Status(
      device: raw.device, inode: raw.inode, size: raw.size, links: raw.links, mode: raw.mode, owner: raw.owner,
      isRegular: raw.is_regular != 0)
  }

  /// Names in a folder, sorted by their bytes.
  package static func names(in folder: String) throws(FileError) -> [String] {
    guard let directory = opendir(folder) else { throw failure(folder, "list") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure(path, "delete") }
  }

  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// No core dumps and no reading of this process's memory by others, so that a crash cannot spill keys.
  package static func forbidMemoryDumps() { _ = millrace_forbid_dumps() }

  /// A crash prints no report of this process, which would show its memory, personal data among it: the Swift runtime's
  /// handlers of fatal signals go, unless whoever started the process asks for them (`SWIFT_BACKTRACE`).
  package static func forbidCrashReports() {
    if getenv("SWIFT_BACKTRACE") != nil { return }
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGQUIT] { signal(number, SIG_DFL) }
  }

  /// Before the first thread starts: all share two arenas of the allocator. By itself each thread takes one of its own
  /// and keeps what others give back to it: a tenth more memory for a rebuild, and no less time.
  package static func shareMemoryBetweenThreads() { millrace_limit_arenas(2) }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(path, "write") }
      written += count
    }
  }

  private static func failure(_ path: String, _ operation: String) -> FileError {
    FileError(path: path, operation: operation, reason: String(cString: strerror(errno)))
  }
}
