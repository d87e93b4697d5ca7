internal import Text

/// What tells one log from another: 32 hexadecimal digits, made once by chance. Copies of a log carry its id.
package enum LogID {
  /// A new one, from the system's randomness.
  package static func fresh() -> String {
    var generator = SystemRandomNumberGenerator()
    return Hexadecimal.text(generator.next()) + Hexadecimal.text(generator.next())
  }
}
