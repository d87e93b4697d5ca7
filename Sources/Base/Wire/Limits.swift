/// Limits of the wire format. A message beyond them ends in a typed error before memory is taken for it.
@usableFromInline
package enum WireLimits {
  /// One message of the log. Kafka's default for a record is 1 MiB, and nothing we write comes near.
  @inlinable package static var messageBytes: Int { 1 << 20 }
  /// One string or byte field. A web server cuts a request line at 8 KiB; a whole sealed record fits eight times.
  @inlinable package static var fieldBytes: Int { 64 << 10 }
  /// Nested messages and groups. Our deepest message has five levels; more depth only serves to exhaust the stack.
  @inlinable package static var depth: Int { 32 }
  /// Elements of one repeated field. Our longest (flags of an event) has a handful.
  @inlinable package static var repeatedElements: Int { 10_000 }
}
