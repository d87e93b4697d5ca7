/// ISO 3166-1's countries by a small number, 0 for "not known". Data sets also hold codes that name no country: tor's
/// `??`, `A1` (anonymous proxy), `A2` (satellite), `O1`, `EU`, `AP`, and what registrants typed or what no longer
/// exists (`CS`, `AN`, `TP`). They all are 0: an unknown country is better than a wrong one.
package enum CountryCode {
  /// A country as people write it in a sheet, in capitals: an ISO 3166-1 code of two letters, or a usual other name of
  /// one ("UK", "USA"). nil: no country, or a region.
  package static func market(_ text: String) -> String? {
    let name = text.uppercased()
    if let known = aliases[name] { return known }
    let letters = Array(name.utf8)
    guard letters.count == 2 else { return nil }
    let code = names[Int(number(letters[0], letters[1]))]
    return code.isEmpty ? nil : code
  }

  private static let aliases = [
    "UK": "GB", "EL": "GR", "USA": "US", "GBR": "GB", "U.S.": "US", "U.S.A.": "US", "UNITED STATES": "US",
    "UNITED STATES OF AMERICA": "US", "UNITED KINGDOM": "GB", "GREAT BRITAIN": "GB", "CAN": "CA", "CANADA": "CA",
    "MEX": "MX", "MEXICO": "MX", "DEU": "DE", "GERMANY": "DE", "FRA": "FR", "FRANCE": "FR", "ESP": "ES", "SPAIN": "ES",
    "ITA": "IT", "ITALY": "IT", "ARG": "AR", "ARGENTINA": "AR", "BRA": "BR", "BRAZIL": "BR", "JPN": "JP", "JAPAN": "JP",
    "AUS": "AU", "AUSTRALIA": "AU", "NLD": "NL", "NETHERLANDS": "NL", "GREECE": "GR", "GRC": "GR", "IRL": "IE",
    "IRELAND": "IE", "CHE": "CH", "SWITZERLAND": "CH", "AUT": "AT", "AUSTRIA": "AT", "IND": "IN", "INDIA": "IN",
  ]

  private static let list = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK
    """

  /// Names by number; `names[0]` is "". XK is Kosovo's code in all these data sets, though ISO only leaves it free.
  static let names: [String] = [""] + list.split(separator: " ").map(String.init)

  /// Numbers by two letters, `(first - A) * 26 + (second - A)`.
  private static let numbers: [UInt8] = {
    var numbers = [UInt8](repeating: 0, count: 26 * 26)
    for (number, name) in names.enumerated().dropFirst() {
      let letters = Array(name.utf8)
      numbers[Int(letters[0] - 0x41) * 26 + Int(letters[1] - 0x41)] = UInt8(number)
    }
    // Registrants write UK, which ISO reserves for the same country.
    numbers[20 * 26 + 10] = numbers[6 * 26 + 1]
    return numbers
  }()

  /// The number of two letters in either case; 0 for anything else.
  static func number(_ first: UInt8, _ second: UInt8) -> UInt8 {
    let high = (first & 0xdf) &- 0x41
    let low = (second & 0xdf) &- 0x41
    guard high < 26, low < 26 else { return 0 }
    return numbers[Int(high) * 26 + Int(low)]
  }
}
