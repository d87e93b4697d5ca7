/// The kind of device behind a human's user agent. uap-core knows families, brands and models but no kinds, and modern
/// Android hides the model ("Android 10; K"), so the kind comes from the system and from a few words that browsers put
/// there for just this purpose.
///
/// 1. Televisions, watches and consoles are none of the kinds that reports tell apart: Unknown. They come first, since
///    many of them also say "Android" or "Windows".
/// 2. iPads and what calls itself a tablet: Tablet. (An iPad that asks for desktop pages says it is a Macintosh, and
///    nothing in the user agent contradicts it: Desktop.)
/// 3. Android with "Mobile" (or "Mobi", as Opera wrote): Phone. An Android *browser* without it: Tablet, which is what
///    Google asks makers of tablets to do. Apps (Dalvik, okhttp) never say "Mobile", so without "Mozilla/" it is a
///    Phone.
/// 4. Other systems of phones, and systems that are unknown beside a known maker of phones: Phone.
/// 5. Systems of desktops: Desktop, except Windows CE, which uap-core counts as Windows.
///    Linux only beside no known device, since phones and set-top boxes name it too.
/// 6. All else, an absent user agent included: Unknown.
enum DeviceClass: String {
  case desktop = "Desktop"
  case phone = "Phone"
  case tablet = "Tablet"
  case bot = "Bot"
  case unknown = "Unknown"

  private static let desktopSystems: Set<String> = [
    "Windows", "Mac OS X", "Mac OS", "Chrome OS", "Ubuntu", "Kubuntu", "Lubuntu", "Debian", "Fedora", "Red Hat",
    "CentOS",
    "openSUSE", "SUSE", "Slackware", "Gentoo", "Arch Linux", "Mageia", "Mandriva", "PCLinuxOS", "Linux Mint", "Puppy",
    "BackTrack", "FreeBSD", "OpenBSD", "NetBSD", "BSD", "Solaris", "SerenityOS", "VRE",
  ]
  private static let phoneSystems: Set<String> = [
    "iOS", "Windows Phone", "Windows Mobile", "BlackBerry OS", "Symbian OS", "Symbian^3", "Symbian^3 Anna",
    "Symbian^3 Belle", "Nokia Series 40", "Nokia Series 30 Plus", "Bada", "Firefox OS", "KaiOS", "BREW", "Brew MP",
    "MeeGo", "Maemo", "Sailfish", "webOS",
  ]
  private static let tabletSystems: Set<String> = ["BlackBerry Tablet OS", "Kindle", "WeTab"]
  private static let otherSystems: Set<String> = [
    "GoogleTV", "WebTV", "FireHbbTV", "Samsung", "LG", "Philips", "Sony", "Panasonic", "Roku", "tvOS", "ATV OS X",
    "Chromecast", "Web0S", "WatchOS",
  ]
  private static let otherDevices: [StaticString] = [
    "smart-tv", "smarttv", "hbbtv", "googletv", "appletv", "android tv", "androidtv", "bravia", "aquos-tv", "netcast",
    "web0s", "crkey", "playstation", "nintendo", "xbox", "smartwatch",
  ]

  init(_ description: UserAgentDescription, userAgent: UnsafeBufferPointer<UInt8>) {
    let os = description.os.family
    let device = description.device
    let says = { (word: StaticString) in ASCIIText.contains(userAgent, ignoringCase: word) }
    if Self.otherSystems.contains(os) || device.brand == "Generic_Inettv" || Self.otherDevices.contains(where: says) {
      self = .unknown
    } else if device.family == "iPad" || Self.tabletSystems.contains(os) {
      self = .tablet
    } else if os == "Android" {
      if device.brand == "Generic_Android_Tablet" || device.family == "Generic Tablet" || says("tablet") {
        self = .tablet
      } else {
        self = says("mobi") || !says("mozilla/") ? .phone : .tablet
      }
    } else if Self.phoneSystems.contains(os) {
      self = says("tablet") ? .tablet : .phone
    } else if Self.desktopSystems.contains(os) {
      self = says("windows ce") ? .phone : .desktop
    } else if os == "Linux" {
      self = device.brand == nil ? .desktop : says("tablet") ? .tablet : says("mobi") ? .phone : .unknown
    } else if device.family == "Generic Tablet" {
      self = .tablet
    } else {
      self = device.brand == nil || device.brand == "Apple" ? .unknown : .phone
    }
  }
}
