import Money
import TestSupport
import Testing

@Suite("Days, months and moments")
struct CalendarTests {
  @Test(
    "dates are read and written",
    arguments: [
      ("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-10-31", 20_757), ("1969-12-31", -1), ("0000-01-01", -719_528),
    ])
  func date(text: String, days: Int32) {
    #expect(CivilDate(text)?.daysSinceEpoch == days)
    #expect(CivilDate(daysSinceEpoch: days).text == text)
  }

  @Test(
    "impossible and sloppy dates are refused",
    arguments: [
      "", "2026-02-29", "2026-02-30", "2026-13-01", "2026-00-10", "2026-01-00", "2026-04-31", "1900-02-29", "26-01-01",
      "2026-1-1", "2026/01/01", "2026-01-01 ", " 2026-01-01", "2026-01-0a", "-026-01-01", "2026-01-01T00:00:00Z",
    ])
  func impossible(text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test("the order of day and month is the source's")
  func orders() {
    #expect(CivilDate("02/03/2019", order: .monthDayYear)?.text == "2019-02-03")
    #expect(CivilDate("02/03/2019", order: .dayMonthYear)?.text == "2019-03-02")
    #expect(CivilDate("06/24/2020", order: .dayMonthYear) == nil)
    #expect(CivilDate("24/06/2020", order: .monthDayYear) == nil)
    #expect(CivilDate("02-03-2019", order: .dayMonthYear) == nil)
    #expect(CivilDate("2019-03-02", order: .dayMonthYear) == nil)
  }

  /// Goal: the day arithmetic is right everywhere. Method: walk 1899 to 2105 day by day beside a naive counter.
  @Test("days walk through the calendar as a naive counter does")
  func walk() {
    var (year, month, day, weekday) = (1899, 1, 1, 7)
    guard var date = CivilDate(year: year, month: month, day: day) else { return #expect(Bool(false)) }
    while year < 2105 {
      let parts = date.components
      if parts != (year, month, day) || date.weekday != weekday {
        return #expect(Bool(false), "\(date) is not \(year)-\(month)-\(day)")
      }
      date = date.adding(days: 1)
      weekday = weekday % 7 + 1
      day += 1
      let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
      if day > [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] {
        day = 1
        month += 1
      }
      if month > 12 {
        month = 1
        year += 1
      }
    }
  }

  @Test(
    "adding months keeps the day or clamps to the month's last",
    arguments: [
      ("2026-03-31", -1, "2026-02-28"), ("2028-02-29", -12, "2027-02-28"), ("2026-10-31", 1, "2026-11-30"),
      ("2026-01-15", -1, "2025-12-15"), ("2026-12-31", 2, "2027-02-28"), ("2026-06-10", 0, "2026-06-10"),
    ])
  func addMonths(text: String, months: Int, expected: String) {
    #expect(CivilDate(text)?.adding(months: months).text == expected)
  }

  @Test("no stored number traps")
  func extremes() {
    for days in [Int32.min, Int32.min + 1, -719_529, 2_932_897, Int32.max - 1, Int32.max] {
      let date = CivilDate(daysSinceEpoch: days)
      #expect(!date.text.isEmpty && (1...7).contains(date.weekday) && !date.month.description.isEmpty)
      #expect(!date.quarter.description.isEmpty && date.quarter.firstDay <= date.quarter.lastDay)
      #expect(date.adding(months: .max) >= date && date.adding(months: .min) <= date)
      #expect(date.adding(days: .max) >= date && date.adding(days: .min) <= date)
      #expect(date.firstOfMonth <= date)
    }
    for millis in [Int64.min, -1, 0, Int64.max] {
      let moment = Timestamp(millis: millis)
      #expect(
        moment.iso.hasSuffix("Z") && moment.isoMillis.hasSuffix("Z") && ReportZone("UTC")?.day(of: moment) == moment.day
      )
    }
  }

  @Test("months and quarters have texts, order and borders")
  func periods() throws {
    let month = try #require(Month("2026-10"))
    #expect(month.description == "2026-10" && month.firstDay.text == "2026-10-01" && month.lastDay.text == "2026-10-31")
    #expect(month.adding(3).description == "2027-01" && month.adding(-10).description == "2025-12")
    #expect(Month(month.lastDay) == month && month < month.adding(1))
    for bad in ["2026-13", "2026-00", "2026-1", "2026-010", "2026/10", ""] { #expect(Month(bad) == nil) }

    let quarter = try #require(Quarter("2026-Q4"))
    #expect(quarter.description == "2026-Q4" && Quarter(month) == quarter)
    #expect(quarter.firstDay.text == "2026-10-01" && quarter.lastDay.text == "2026-12-31")
    #expect(quarter.year == 2026 && quarter.number == 4)
    for bad in ["2026-Q0", "2026-Q5", "2026-q1", "2026Q1", ""] { #expect(Quarter(bad) == nil) }
    #expect(CivilDate(year: -1, month: 1, day: 31)?.month.adding(-1).description == "-0002-12")
  }
}

@Suite("Timestamps")
struct TimestampTests {
  @Test(
    "ISO 8601 is read with fractions and zones",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-10-31T12:00:00Z", 1_793_448_000_000),
      ("2026-10-31 12:00:00", 1_793_448_000_000),
      ("2026-10-31T12:00:00.25Z", 1_793_448_000_250), ("2026-10-31t12:00:00.123456789z", 1_793_448_000_123),
      ("2026-10-31T17:45:00+05:45", 1_793_448_000_000), ("2026-10-31T09:00:00-0300", 1_793_448_000_000),
      ("2026-10-31T13:00:00+01", 1_793_448_000_000), ("1969-12-31T23:59:59.999Z", -1),
    ])
  func iso(text: String, millis: Int64) {
    #expect(Timestamp(text)?.millis == millis)
  }

  @Test(
    "text that is no moment is refused",
    arguments: [
      "", "2026-10-31", "2026-02-30T00:00:00Z", "2026-10-31T24:00:00Z", "2026-10-31T12:60:00Z", "2026-10-31T12:00:60Z",
      "2026-10-31T12:00:00.Z", "2026-10-31T12:00:00.1234567891Z", "2026-10-31T12:00:00X", "2026-10-31T12:00:00+5",
      "2026-10-31T12:00:00+24:00", "2026-10-31T12:00:00+05:60", "2026-10-31T12:00:00ZZ", "2026-10-31T12:00:00 +00:00",
      "2026-10-31T12:00", "2026-10-31_12:00:00Z",
    ])
  func refused(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test("moments are written as ISO 8601, before 1970 too")
  func written() {
    #expect(Timestamp(millis: 1_793_448_000_250).iso == "2026-10-31T12:00:00Z")
    #expect(Timestamp(millis: 1_793_448_000_250).isoMillis == "2026-10-31T12:00:00.250Z")
    #expect(Timestamp(millis: -1).isoMillis == "1969-12-31T23:59:59.999Z")
    #expect(Timestamp(millis: -1).day.text == "1969-12-31")
    #expect(Timestamp(millis: 86_400_000).day.text == "1970-01-02")
  }

  @Test(
    "Apache's time is read with its zone",
    arguments: [
      ("10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"), ("17/May/2015:10:05:03 +0000", "2015-05-17T10:05:03Z"),
      ("01/Jan/2026:00:00:00 +0545", "2025-12-31T18:15:00Z"), ("31/Dec/2025:23:30:00 -0300", "2026-01-01T02:30:00Z"),
    ])
  func apache(text: String, iso: String) {
    #expect(Timestamp(apache: text)?.iso == iso)
  }

  @Test("every month's name is known")
  func monthNames() {
    for (index, name) in ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
      .enumerated()
    {
      #expect(Timestamp(apache: "03/\(name)/2024:01:02:03 +0000")?.day.components.month == index + 1)
    }
  }

  @Test(
    "what is not Apache's time is refused",
    arguments: [
      "", "10/Oct/2000:13:55:36", "10/oct/2000:13:55:36 -0700", "32/Oct/2000:13:55:36 -0700",
      "30/Feb/2000:13:55:36 -0700",
      "10/Oct/2000:25:55:36 -0700", "10/Oct/2000:13:55:36 0700 ", "10/Oct/2000:13:55:36 +07:0",
      "10-Oct-2000:13:55:36 -0700",
      "1a/Oct/2000:13:55:36 -0700", "10/Oct/2000:13:55:36 -2400",
    ])
  func apacheRefused(text: String) {
    #expect(Timestamp(apache: text) == nil)
  }

  @Test("Apache's time is read in the middle of a line, and never beyond its end")
  func apacheInside() {
    let line = Array("::1 - - [10/Oct/2000:13:55:36 -0700] x".utf8)
    #expect(Timestamp(apache: line.span, at: 9)?.iso == "2000-10-10T20:55:36Z")
    for offset in [-1, 0, 13, 1000, Int.max] { #expect(Timestamp(apache: line.span, at: offset) == nil) }
  }

  @Test("zones know daylight saving")
  func zones() throws {
    let zone = try #require(ReportZone("America/New_York"))
    #expect(zone.offsetSeconds(at: Timestamp(millis: 1_793_448_000_000)) == -14_400)
    #expect(zone.offsetSeconds(at: Timestamp(millis: 1_793_600_000_000)) == -18_000)
    #expect(try #require(Timestamp("2026-07-01T03:59:59Z")).day.text == "2026-07-01")
    #expect(zone.day(of: try #require(Timestamp("2026-07-01T03:59:59Z"))).text == "2026-06-30")
    #expect(ReportZone("Nowhere/Land") == nil)
  }
}
