/// Limits of this module, each with its reason.
package enum PrivacyLimits {
  /// A master key below 256 bits would be the weakest link of everything derived from it.
  package static let masterKeyBytes = 32
  /// A key file is a few dozen bytes; more is some other file.
  package static let masterKeyFileBytes = 4_096
  /// Person keys (and subjects) kept unwrapped: 65,536 keys are 2 MiB of locked memory, a quarter of the usual 8 MiB
  /// limit, and cover the visitors of some days. A miss costs one point look-up.
  package static let cachedKeys = 65_536
  /// Of them, keys that a tokenizer reaches without the vault's lock; a power of two. These many visitors are about at
  /// once on a busy site; the keys, which the vault may have let go meanwhile, take 256 KiB of locked memory.
  package static let keysAtHand = 8_192
  /// Of them, keys that a tokenizer's cipher keeps expanded; a power of two. Expanding one costs half of opening a
  /// short field. Requests of a visit are minutes apart, so this many visits a partition may be under way; OpenSSL
  /// takes about 1 KiB each.
  package static let expandedKeys = 512
  /// Tokens that a tokenizer remembers of each field whose values come again; a power of two. 64 bytes each, so 256 KiB
  /// of locked memory for addresses and as much for user names.
  package static let tokensAtHand = 4_096
  /// Longest personal value. An event is at most 1 MiB, so a longer field could not be sent.
  package static let fieldBytes = 1 << 20
  /// Pages of the vault that SQLite keeps in memory. Subjects are random, so the writer touches another page for each
  /// new one; 32 MiB hold those of some 400,000 people.
  package static let pageCacheKibibytes = 32_768
  /// The same for a reader, and each mart has one. Keys that were made together lie together, and are read together.
  package static let readersCacheKibibytes = 8_192
  /// Write-ahead log of the vault that is moved into the file at a commit: 8 MiB are some 20,000 new keys.
  package static let writeAheadLogBytes = 8 << 20
}
