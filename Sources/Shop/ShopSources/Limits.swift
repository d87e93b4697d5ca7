internal import Capture

/// Limits of web logs, each with its reason.
package enum WeblogLimits {
  /// One line. Apache's own limits for a request line and a header are 8 KiB each.
  package static let lineBytes = 64 << 10
  /// A user agent longer than this is cut; real ones stay below 512.
  package static let userAgentBytes = 2_048
  /// A path or referrer longer than this is cut; browsers stop at about 2,000.
  package static let pathBytes = 2_048
  /// A UTM value longer than this is cut; campaign names are short.
  package static let utmBytes = 128
  /// How much of a web log is read at once.
  package static let blockBytes = 1 << 20
  /// How many bytes before a position are hashed to recognise the file again after a restart.
  package static let tailBytes = 1_024
  /// How many bytes at the beginning of a text are hashed to recognise it in another file: two lines or three, whose
  /// times are those of no other text.
  package static let headBytes = 256
  /// Texts of one web log that are remembered, some 150 bytes each: eleven years of rotations each hour.
  package static let rememberedFiles = 100_000
  /// Files that are kept open while they may still be written to, so that they can be read when they are gone.
  package static let heldFiles = 32
  /// How long after its last write a file is kept open that was moved or deleted: workers of a server that still finish
  /// requests write to it.
  package static let heldMillis: Int64 = 60_000
  /// How long a file may be missing, as it is for a moment while it is renamed, before it counts as gone.
  package static let missingMillis: Int64 = 1_000
  /// A .gz that is not whole counts as damaged when nobody has written to it for this long.
  package static let packingMillis: Int64 = 10_000
  /// How much of a text's beginning is looked at for the time of its first line.
  package static let firstLineBytes = 16 << 10
  /// Names in a folder that are looked at for a file that is gone from its place.
  package static let searchedNames = 10_000
  /// Visitors and users kept in memory between lines; about 400 bytes each.
  package static let cachedVisitors = 65_536
  /// The end of a rotated web log counts as a whole line when nobody has written to it for this long.
  package static let rotatedSettlingMillis = CaptureLimits.settlingMillis
}
