/// Limits of the sales mart, each with its reason.
enum SalesLimits {
  /// A line's quantity × unit price, in ten-thousandths of a currency unit: a hundred billion units, about a million
  /// dollars in the currencies of the smallest units. A sum of dollars then leaves 64 bits at nine hundred thousand such lines,
  /// at nine thousand in the rare currencies with four decimals; the ledger wraps around there instead of failing.
  static let lineAmount: Int64 = 100_000_000_000 * 10_000
  /// A line's quantity. Validation refuses far smaller ones; this one keeps sums from overflowing, whatever is configured there.
  static let lineQuantity: UInt64 = 1_000_000_000
}
