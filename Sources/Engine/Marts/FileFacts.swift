internal import Glibc

/// What the file system says of a path without opening it.
///
/// A mart's files are never opened with plain file calls: closing such a descriptor would drop the POSIX locks that
/// SQLite holds for this process on the same file
/// (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled).
struct FileFacts {
  var isRegular: Bool
  var isFolder: Bool
  var isSymbolicLink: Bool
  var links: Int
  var size: Int64

  /// nil: there is nothing under that name. Does not follow a final symbolic link.
  init?(_ path: String) {
    var raw = stat()
    guard lstat(path, &raw) == 0 else { return nil }
    let type = raw.st_mode & S_IFMT
    isRegular = type == S_IFREG
    isFolder = type == S_IFDIR
    isSymbolicLink = type == S_IFLNK
    links = Int(raw.st_nlink)
    size = Int64(raw.st_size)
  }
}
