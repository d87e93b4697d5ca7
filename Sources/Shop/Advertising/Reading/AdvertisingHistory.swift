package import Money

/// What the marts know of advertising: spend, traffic, leads and orders by week, market and channel, and the ways that
/// people took. Amounts are minor units of the base currency.
package struct AdvertisingHistory: Sendable {
  /// One market × channel.
  package struct RowKey: Sendable, Hashable, Comparable {
    /// ISO country; "" when unknown.
    package var market: String
    /// Name in the one channel list.
    package var channel: String

    package init(market: String, channel: String) {
      self.market = market
      self.channel = channel
    }

    package static func < (left: RowKey, right: RowKey) -> Bool {
      (left.market, left.channel) < (right.market, right.channel)
    }
  }

  /// One row in one week.
  package struct Cell: Sendable, Equatable {
    package var spendMinor: Int64 = 0
    /// Distinct people-like visitors; of channels that no web server sees (trade shows, webinars, cold calls), leads.
    package var visitors: Int64 = 0
    package var sessions: Int64 = 0
    package var leads: Int64 = 0
    package var qualifiedLeads: Int64 = 0
    /// Orders whose last touch was here.
    package var orders: Int64 = 0
    package var revenueMinor: Int64 = 0

    package init() {}
  }

  package struct Touch: Sendable, Equatable {
    package var millis: Int64
    /// Index into `rows`.
    package var row: Int32
    /// Index into `campaigns`, −1: none.
    package var campaign: Int32
  }

  /// A way that ended in an order, or in none.
  package struct Journey: Sendable, Equatable {
    /// Oldest first; direct visits only where there was nothing else.
    package var touches: [Touch]
    package var converted: Bool
    package var revenueMinor: Int64
  }

  /// What a campaign cost and brought within the days that were read.
  package struct CampaignFigures: Sendable, Equatable {
    package var campaign: String
    package var channel: String
    package var spendMinor: Int64 = 0
    package var visitors: Int64 = 0
    package var sessions: Int64 = 0
    package var leads: Int64 = 0
    package var qualifiedLeads: Int64 = 0
    package var orders: Int64 = 0
    package var revenueMinor: Int64 = 0

    package init(
      campaign: String, channel: String, spendMinor: Int64 = 0, visitors: Int64 = 0, sessions: Int64 = 0,
      leads: Int64 = 0, qualifiedLeads: Int64 = 0, orders: Int64 = 0, revenueMinor: Int64 = 0
    ) {
      self.campaign = campaign
      self.channel = channel
      self.spendMinor = spendMinor
      self.visitors = visitors
      self.sessions = sessions
      self.leads = leads
      self.qualifiedLeads = qualifiedLeads
      self.orders = orders
      self.revenueMinor = revenueMinor
    }
  }

  package struct Position: Sendable, Equatable {
    package var mart: String
    package var topic: String
    package var partition: Int32
    package var nextOffset: Int64
  }

  /// Spend that lacks what a row needs.
  package struct LeftOutSpend: Sendable, Equatable {
    package enum Lack: Int, Sendable {
      case channel, market, rate
      /// It was refused when it was read.
      case refused

      var words: String {
        switch self {
        case .channel: "names no channel that is known"
        case .market: "names no market"
        case .rate: "has no exchange rate of its day"
        case .refused: "was refused when its sheet was read (`millrace quarantine list`)"
        }
      }
    }

    package var lacks: Lack
    /// The base currency, or where there is no rate, its own.
    package var currency: String
    package var amountMinor: Int64
    package var rows: Int

    package init(lacks: Lack, currency: String, amountMinor: Int64, rows: Int) {
      self.lacks = lacks
      self.currency = currency
      self.amountMinor = amountMinor
      self.rows = rows
    }
  }

  /// How far the data carry.
  package struct Quality: Sendable, Equatable {
    package var firstTrafficDay: CivilDate?
    package var lastTrafficDay: CivilDate?
    package var firstSpendDay: CivilDate?
    package var lastSpendDay: CivilDate?
    package var spendRows = 0
    /// Spend that no row of a plan can have.
    package var spendLeftOut: [LeftOutSpend] = []
    /// Rows of spend that were refused, and whose amounts nobody can read.
    package var unreadableSpendRows = 0
    /// What was spent altogether, as far as there are rates.
    package var spendMinor: Int64 = 0
    /// Without an exchange rate of their very day: left out.
    package var unconvertedSpendRows = 0
    package var orders = 0
    package var unconvertedOrders = 0
    /// Orders with a touch in the thirty days before.
    package var ordersWithTouch = 0
  }

  package var query: AdvertisingQuery
  /// Days that were read.
  package var days: ClosedRange<CivilDate>
  /// Monday of the first full week, and how many follow one another; 0 where there is none.
  package var firstWeek: CivilDate
  package var weeks: Int
  package var rows: [RowKey]
  /// Row-major: row × weeks + week. What lies outside full weeks is not in here.
  package var cells: [Cell]
  package var journeys: [Journey]
  package var campaigns: [CampaignFigures]
  package var channels: [String]
  package var positions: [Position]
  package var quality: Quality

  package func cell(_ row: Int, _ week: Int) -> Cell { cells[row * weeks + week] }

  /// Sums of a row over all weeks.
  package func total(_ row: Int) -> Cell {
    (0..<weeks).reduce(into: Cell()) { sum, week in
      let cell = cell(row, week)
      sum.spendMinor &+= cell.spendMinor
      sum.visitors &+= cell.visitors
      sum.sessions &+= cell.sessions
      sum.leads &+= cell.leads
      sum.qualifiedLeads &+= cell.qualifiedLeads
      sum.orders &+= cell.orders
      sum.revenueMinor &+= cell.revenueMinor
    }
  }

  /// Plans subtotal what runs on the web (advertising) and what people do (marketing).
  package static func group(of channel: String) -> String {
    offlineChannels.contains(channel) ? "marketing" : "advertising"
  }

  /// No web server sees them.
  static let offlineChannels: Set<String> = ["trade_show", "webinar", "cold_call"]
  /// Came by themselves: money cannot be spent on it.
  package static let directChannel = "direct"
}
