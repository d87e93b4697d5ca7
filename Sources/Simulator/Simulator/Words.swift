/// Words that names, products and sheets are made of.
enum Words {
  static let firstNames = [
    "Alice", "Amara", "Anton", "Beatriz", "Bruno", "Camila", "Carlos", "Chloe", "Daniel", "Diego", "Elena", "Emil",
    "Fatima", "Felix", "Grace", "Greta", "Hannah", "Hiroshi", "Ines", "Ivan", "Jakob", "Joana", "Jürgen", "Kaito",
    "Karla", "Lucía", "Luis", "Maria", "Mateo", "Maya", "Noah", "Nora", "Olga", "Oscar", "Paula", "Quentin", "Rosa",
    "Samuel", "Sofía", "Tomás", "Uma", "Valeria", "Victor", "Wendy", "Yusuf", "Zoë",
  ]
  static let lastNames = [
    "Abbott", "Acosta", "Becker", "Bianchi", "Brown", "Castro", "Chen", "Costa", "Delgado", "Dubois", "Evans",
    "Fernández", "Fischer", "García", "Gómez", "Haddad", "Hughes", "Ito", "Jensen", "Keller", "Kowalski", "Leroy",
    "López", "Martin", "Méndez", "Moretti", "Müller", "Nakamura", "Novak", "O'Brien", "Okafor", "Pereira", "Quiroga",
    "Ramos", "Rossi", "Sánchez", "Schmidt", "Silva", "Smith", "Suárez", "Tanaka", "Taylor", "Torres", "Vega", "Weber",
    "Wilson", "Yamada", "Young", "Zhang", "Zimmermann",
  ]
  static let streets = [
    "Oak Street", "Station Road", "Lindenweg", "Calle Mayor", "Hill Lane", "Rue du Parc", "Elm Avenue",
  ]
  static let companyFirst = [
    "Andes", "Atlas", "Borealis", "Cascade", "Delta", "Eastern", "Fjord", "Global", "Harbor", "Iberia", "Juniper",
    "Keystone", "Lakeside", "Meridian", "Northern", "Orion", "Pacific", "Quantum", "Riverside", "Summit",
  ]
  static let companySecond = [
    "Devices", "Distribution", "Electric", "Electronics", "Imports", "Industries", "Logistics", "Networks", "Office",
    "Retail", "Solutions", "Supply", "Systems", "Technologies", "Trading",
  ]
  static let companyForms = ["Inc.", "LLC", "Ltd", "GmbH", "S.A.", "S.R.L."]
  static let brands = [
    "Acorn", "Brightline", "Cobalt", "Dynex", "Everon", "Fontana", "Glimmer", "Helix", "Ionix", "Juno", "Kestrel",
    "Lumen", "Mirai", "Nimbus",
  ]
  static let categories: [(name: String, slug: String, goods: [String], cheapest: Int, dearest: Int)] = [
    ("Phones", "phones", ["Phone", "Phone Plus", "Phone Mini"], 19_900, 119_900),
    ("Laptops", "laptops", ["Laptop 13", "Laptop 15", "Workstation"], 49_900, 289_900),
    ("Tablets", "tablets", ["Tablet 8", "Tablet 11"], 14_900, 99_900),
    ("Televisions", "televisions", ["TV 43", "TV 55", "TV 65"], 29_900, 249_900),
    ("Audio", "audio", ["Earbuds", "Headphones", "Soundbar"], 1_990, 49_900),
    ("Cameras", "cameras", ["Camera", "Action Camera", "Webcam"], 3_990, 189_900),
    ("Cables", "cables", ["USB-C Cable", "HDMI Cable", "Patch Cable"], 299, 3_990),
    ("Storage", "storage", ["SSD 1 TB", "SSD 2 TB", "Memory Card"], 1_290, 24_900),
    ("Home", "home", ["Vacuum", "Air Purifier", "Smart Lamp"], 1_990, 59_900),
    ("Printers", "printers", ["Laser Printer", "Ink Printer", "Label Printer"], 6_990, 69_900),
  ]
  static let campaigns = [
    "spring-sale", "summer deals", "back-to-school", "black-friday", "b2b-outlook", "new-arrivals", "loyalty",
  ]
  static let industries = [
    "retail", "manufacturing", "healthcare", "education", "logistics", "public sector", "finance",
  ]
  /// Source on the sheet, and the one channel it stands for; "Podcast" stands for none that is known.
  static let leadSources: [(text: String, channel: String, weight: Int)] = [
    ("LinkedIn Ads", "social", 28), ("Google Search", "search", 26), ("trade show", "trade_show", 14),
    ("webinar", "webinar", 12), ("cold call", "cold_call", 8), ("referral", "referral", 10), ("Podcast", "unknown", 2),
  ]
  static let harmlessNotes = [
    "Please ring twice.", "Leave with the porter.", "Invoice to follow by post.", "Customer asked for gift wrap.",
    "Deliver after 17:00, gate code on file.",
  ]

  /// Lower-case ASCII letters of a name, for user names and mail addresses.
  static func plain(_ name: String) -> String {
    let folded: [Character: String] = [
      "á": "a", "é": "e", "í": "i", "ó": "o", "ú": "u", "ü": "u", "ö": "o", "ä": "a", "ë": "e", "ñ": "n", "ç": "c",
    ]
    var result = ""
    for character in name.lowercased() {
      if let plain = folded[character] {
        result += plain
      } else if character.isASCII, character.isLetter {
        result.append(character)
      }
    }
    return result
  }
}
