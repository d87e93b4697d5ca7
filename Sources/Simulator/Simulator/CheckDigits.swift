/// Check digits that source rows carry (DOMAIN rules), for generating right ones and, as a fault, wrong ones.
enum CheckDigits {
  private static let cuitWeights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]

  /// Check digit of ten digits; nil where the rule gives 10, which no valid number has.
  static func cuit(_ ten: [Int]) -> Int? {
    let sum = zip(ten, cuitWeights).reduce(0) { $0 + $1.0 * $1.1 }
    let check = 11 - sum % 11
    return check == 10 ? nil : check % 11
  }

  /// Digit that makes the number pass Luhn when appended.
  static func luhn(_ digits: [Int]) -> Int {
    var sum = 0
    for (position, digit) in digits.reversed().enumerated() {
      let doubled = position % 2 == 0 ? digit * 2 : digit
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    return (10 - sum % 10) % 10
  }

  static func text(_ digits: [Int]) -> String { String(decoding: digits.map { UInt8(48 + $0) }, as: UTF8.self) }
}
