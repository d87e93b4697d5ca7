/// Countries, currencies and places of the simulated business.
enum Geography {
  struct Country: Sendable {
    var code: String
    var name: String
    var currency: Int
    /// Of companies and their customers, in hundredths; spread in `weight` terms.
    var weight: Int
    var phonePrefix: String
    var city: String
  }

  struct Currency: Sendable {
    var code: String
    var decimals: Int
    /// Minor units for one US cent, in millionths, at the prices' usual rate.
    var minorPerCent: Int
    /// US dollars for one unit on the first day, with `rateScale` decimals; 0: no rates are published.
    var firstRate: Int
    var rateScale: Int
  }

  static let usd = 0
  /// A valid currency for which the platform has no rates.
  static let chf = 6
  /// No currency of ISO 4217.
  static let unknownCurrency = 7

  /// JPY has no decimals and KWD three, so that code which believes in two is found out.
  static let currencies = [
    Currency(code: "USD", decimals: 2, minorPerCent: 1_000_000, firstRate: 0, rateScale: 6),
    Currency(code: "CAD", decimals: 2, minorPerCent: 1_370_000, firstRate: 730_000, rateScale: 6),
    Currency(code: "EUR", decimals: 2, minorPerCent: 920_000, firstRate: 1_087_000, rateScale: 6),
    Currency(code: "GBP", decimals: 2, minorPerCent: 790_000, firstRate: 1_266_000, rateScale: 6),
    Currency(code: "JPY", decimals: 0, minorPerCent: 1_490_000, firstRate: 671_000, rateScale: 8),
    Currency(code: "KWD", decimals: 3, minorPerCent: 3_070_000, firstRate: 3_257_000, rateScale: 6),
    Currency(code: "CHF", decimals: 2, minorPerCent: 890_000, firstRate: 0, rateScale: 6),
    Currency(code: "XXQ", decimals: 2, minorPerCent: 1_000_000, firstRate: 0, rateScale: 6),
  ]

  static let countries = [
    Country(code: "US", name: "United States", currency: 0, weight: 40, phonePrefix: "+1", city: "Springfield"),
    Country(code: "CA", name: "Canada", currency: 1, weight: 14, phonePrefix: "+1", city: "Kingston"),
    Country(code: "GB", name: "United Kingdom", currency: 3, weight: 12, phonePrefix: "+44", city: "Reading"),
    Country(code: "DE", name: "Germany", currency: 2, weight: 12, phonePrefix: "+49", city: "Kassel"),
    Country(code: "FR", name: "France", currency: 2, weight: 4, phonePrefix: "+33", city: "Rennes"),
    Country(code: "ES", name: "Spain", currency: 2, weight: 3, phonePrefix: "+34", city: "Gijón"),
    Country(code: "IT", name: "Italy", currency: 2, weight: 3, phonePrefix: "+39", city: "Parma"),
    Country(code: "AR", name: "Argentina", currency: 0, weight: 3, phonePrefix: "+54", city: "Córdoba"),
    Country(code: "BR", name: "Brazil", currency: 0, weight: 2, phonePrefix: "+55", city: "São Carlos"),
    Country(code: "MX", name: "Mexico", currency: 0, weight: 2, phonePrefix: "+52", city: "Mérida"),
    Country(code: "AU", name: "Australia", currency: 0, weight: 1, phonePrefix: "+61", city: "Ballarat"),
    Country(code: "JP", name: "Japan", currency: 4, weight: 3, phonePrefix: "+81", city: "Nagano"),
    Country(code: "KW", name: "Kuwait", currency: 5, weight: 1, phonePrefix: "+965", city: "Hawalli"),
  ]

  /// Every simulation has customers here, whatever its size.
  static let required = ["US", "CA", "GB", "DE"]

  static let storePlaces = [
    ("New York", "NY"), ("Los Angeles", "CA"), ("Chicago", "IL"), ("Houston", "TX"), ("Phoenix", "AZ"),
    ("Philadelphia", "PA"), ("San Antonio", "TX"), ("San Diego", "CA"), ("Dallas", "TX"), ("Jacksonville", "FL"),
    ("Austin", "TX"), ("Columbus", "OH"), ("Charlotte", "NC"), ("Indianapolis", "IN"), ("San Francisco", "CA"),
    ("Seattle", "WA"), ("Denver", "CO"), ("Oklahoma City", "OK"), ("Nashville", "TN"), ("Washington", "DC"),
    ("El Paso", "TX"), ("Las Vegas", "NV"), ("Boston", "MA"), ("Detroit", "MI"), ("Portland", "OR"),
    ("Louisville", "KY"), ("Memphis", "TN"), ("Baltimore", "MD"), ("Milwaukee", "WI"), ("Albuquerque", "NM"),
    ("Tucson", "AZ"), ("Fresno", "CA"), ("Sacramento", "CA"), ("Kansas City", "MO"), ("Atlanta", "GA"),
    ("Omaha", "NE"), ("Raleigh", "NC"), ("Miami", "FL"), ("Minneapolis", "MN"), ("Tulsa", "OK"), ("Tampa", "FL"),
    ("New Orleans", "LA"), ("Wichita", "KS"), ("Cleveland", "OH"), ("Honolulu", "HI"), ("Anchorage", "AK"),
    ("Boise", "ID"), ("Salt Lake City", "UT"), ("Des Moines", "IA"), ("Richmond", "VA"),
  ]

  static let warehouses = ["warehouse-east", "warehouse-central", "warehouse-west"]
}
