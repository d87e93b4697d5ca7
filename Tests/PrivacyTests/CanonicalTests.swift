import Entity
import Events
import Privacy
import TestSupport
import Testing

@Suite struct CanonicalTests {
  /// Goal: what people mean to be the same is the same. Method: a table of inputs and their one form.
  @Test(
    "a value has one canonical form",
    arguments: [
      (PersonalField.user, "  Maria.Lopez\t", "Maria.Lopez"), (.user, "maria  lopez", "maria  lopez"),
      (.user, "Jose\u{301}", "José"), (.user, "\u{a0}José\u{2003}", "José"), (.user, " a\u{a0}b é ", "a\u{a0}b é"),
      (.email, " Maria@Example.COM ", "maria@example.com"), (.email, "JOSÉ@EXAMPLE.com", "josé@example.com"),
      (.email, "JOSE\u{301}@x.org", "josé@x.org"), (.fullName, " Maria \t  Lopez ", "Maria Lopez"),
      (.fullName, "José\u{a0}\u{2003}Pérez ", "José Pérez"), (.companyName, "ACME  S.A.", "ACME S.A."),
      (.document, "12.345.678", "12345678"), (.document, " 12-345 678 ", "12345678"), (.document, "aa 123-b", "AA123B"),
      (.document, "--", "--"), (.phone, "+54 (11) 1234-5678", "+541112345678"), (.phone, " +1 ", "+1"),
      (.phone, "011 1234", "0111234"), (.phone, " none ", "none"), (.phone, "+", "+"), (.phone, "", ""),
      (.taxNumber, "20-12345678-6", "20123456786"), (.taxNumber, "gb-vat:GD001 ", "gb-vat:GD001"),
      (.taxNumber, "no 12: x", "12"), (.taxNumber, ":12", "12"), (.card, "4111 1111 1111 1111", "4111111111111111"),
      (.card, "4111-1111-1111-1111", "4111111111111111"), (.ip, " 192.0.2.7 ", "192.0.2.7"),
      (.ip, "::ffff:192.0.2.7", "192.0.2.7"), (.ip, "::FFFF:c000:0207", "192.0.2.7"),
      (.ip, "2001:DB8:0:0:0:0:0:1", "2001:db8::1"), (.ip, "2001:db8::0001", "2001:db8::1"), (.ip, "::1", "::1"),
      (.ip, "256.1.1.1", "256.1.1.1"), (.ip, "01.2.3.4", "01.2.3.4"), (.ip, "1.2.3", "1.2.3"),
      (.ip, "1.2.3.", "1.2.3."),
      (.ip, "host.example", "host.example"), (.ip, "0.0.0.0", "0.0.0.0"), (.ip, "::ffff:0:0", "0.0.0.0"),
      (.ip, "::1\0", "::1\0"), (.birthDate, " 1980-02-29 ", "1980-02-29"), (.address, " Calle  1 ", "Calle  1"),
      (.rawRecord, " x \n", "x"), (.rowKey, " É x \n", " É x \n"), (.user, "", ""), (.email, "   ", ""), (.ip, "", ""),
    ]) func table(field: PersonalField, input: String, expected: String)
  {
    let result = Canonical.value(PersonalData(input), field: field)
    #expect(String(decoding: result.bytes, as: UTF8.self).unicodeScalars.elementsEqual(expected.unicodeScalars))
  }

  @Test("bytes that are not UTF-8 are trimmed and kept") func badBytes() {
    for field in PersonalField.allCases where ![.document, .phone, .taxNumber, .card, .rowKey].contains(field) {
      #expect(Canonical.value(PersonalData(bytes: [0x20, 0xff, 0x41, 0x0a]), field: field).bytes == [0xff, 0x41])
    }
    #expect(Canonical.value(PersonalData(bytes: [0xff, 0x31]), field: .phone).bytes == [0x31])
  }

  /// Goal: the canonical form is stable and no input traps. Method: apply it to random bytes, twice.
  @Test("the canonical form of a canonical form is itself") func idempotent() {
    var generator = SeededGenerator(seed: 3)
    let alphabet: [UInt8] = Array(" \t+-.:@aAzZ09fF".utf8) + [0, 0xc3, 0x89, 0xcc, 0x81, 0xff, 0xe2, 0x80, 0x83]
    for _ in 0..<4_000 {
      let input = (0..<Int.random(in: 0...50, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator) ?? 0
      }
      for field in PersonalField.allCases {
        let once = Canonical.value(PersonalData(bytes: input), field: field)
        #expect(Canonical.value(once, field: field) == once, "\(field) \(input)")
      }
    }
  }
}
