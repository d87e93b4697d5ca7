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
  /// Files of one web log that are remembered; rotation keeps a few dozen.
  package static let rememberedFiles = 1_000
  /// Visitors and users kept in memory between lines; about 400 bytes each.
  package static let cachedVisitors = 65_536
  /// The end of a rotated web log counts as a whole line when nobody has written to it for this long.
  package static let rotatedSettlingMillis = CaptureLimits.settlingMillis
}
