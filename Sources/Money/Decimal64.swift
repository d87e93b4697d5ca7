/// An exact decimal number: `unscaled` / 10^`scale`, scale 0...9. Prices whose currency stands in another row, rates.
package struct Decimal64: Hashable, Sendable {
  package var unscaled: Int64
  package var scale: UInt8
  @inlinable package init(unscaled: Int64, scale: UInt8) {
    self.unscaled = unscaled
    self.scale = scale
  }
}
