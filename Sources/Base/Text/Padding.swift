extension String {
  /// Filled up with spaces at its end to `width` characters; longer text stays as it is.
  package func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
