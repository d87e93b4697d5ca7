/// The step of wyhash (https://github.com/wangyi-fudan/wyhash): a 64×64→128 multiplication whose halves are combined, so that
/// each bit of either word reaches all bits of the result.
@inlinable @inline(__always)
package func foldedProduct(_ left: UInt64, _ right: UInt64) -> UInt64 {
  let product = left.multipliedFullWidth(by: right)
  return product.high ^ product.low
}
