import Entity
import ShopSources
import Testing

/// Numbers that authorities and companies publish; none of them was worked out by the code under test.
@Suite("Tax numbers") struct TaxNumberTests {
  @Test(
    "a published number of each kind passes its check, in each way of writing it, and not with another last digit",
    arguments: [
      (.cuit, ["20-05536168-2", "20055361682"], "20055361682"), (.cuit, ["30-50001091-2"], "30500010912"),
      (.brCNPJ, ["16.727.230/0001-97", "16727230000197"], "br-cnpj:16727230000197"),
      (.brCNPJ, ["12.ABC.345/01DE-35", "12abc34501de35"], "br-cnpj:12ABC34501DE35"),
      (.caBN, ["12302 6635", "123026635RC0001"], "ca-bn:123026635"),
      (.deVAT, ["DE 136,695 976".replacing(",", with: ""), "136695976"], "de-vat:136695976"),
      (.esNIF, ["ES B-58378431", "B58378431"], "es-nif:B58378431"), (.esNIF, ["54362315-K"], "es-nif:54362315K"),
      (.esNIF, ["X-2482300W"], "es-nif:X2482300W"),
      (.gbVAT, ["GB 980 7806 84", "980780684", "980780684001"], "gb-vat:980780684"),
    ] as [(TaxNumberKind, [String], String)])
  func published(kind: TaxNumberKind, written: [String], canonical: String) {
    for text in written {
      #expect(kind.canonical(text) == canonical)
      #expect(kind.isValid(text))
    }
    let number = kind == .cuit ? canonical : String(canonical.dropFirst(kind.rawValue.count + 1))
    let last = number.utf8.last ?? 0
    let other = last == UInt8(ascii: "5") ? "6" : "5"
    #expect(!kind.isValid(number.dropLast() + other))
  }

  @Test("what is no number of its kind has no form, and numbers of two kinds are never equal")
  func forms() {
    for kind in TaxNumberKind.allCases where kind != .other {
      for text in ["", "n/a", "12", "ana@example.org", "9807806x", "é80780684", String(repeating: "9", count: 40)] {
        #expect(kind.canonical(text) == nil && !kind.isValid(text), "\(kind): \(text)")
      }
    }
    #expect(TaxNumberKind.other.canonical("ab 12") == "other:AB12" && TaxNumberKind.other.canonical("ä") == nil)
    let same = TaxNumberKind.allCases.compactMap { $0.canonical("980780684") }
    #expect(Set(same).count == same.count && same.count == 5)
    #expect(TaxNumberKind.gbVAT.canonical("GD001") == "gb-vat:GD001" && TaxNumberKind.gbVAT.canonical("GDX01") == nil)
  }
}
