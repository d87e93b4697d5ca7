/// One SQLite value of dynamic type.
package enum Value: Sendable, Hashable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

extension Value: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(stringLiteral value: String) { self = .text(value) }
  package init(nilLiteral: ()) { self = .null }
}

extension Value {
  package static func optional(_ value: Int64?) -> Value { value.map(Value.integer) ?? .null }
  package static func optional(_ value: String?) -> Value { value.map(Value.text) ?? .null }
}
