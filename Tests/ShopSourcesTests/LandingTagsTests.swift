import Capture
import CaptureSupport
import Entity
import Events
import Privacy
import TestSupport
import Testing

@testable import ShopSources

/// Source and medium of landings, from their words and from the ids that advertising platforms add.
@Suite("Tags of a landing", .temporaryFolder)
struct LandingTagsTests {
  private func tags(_ query: String) throws -> String {
    let line = "8.8.8.8 - - [30/Nov/2026:00:10:00 +0000] \"GET /a?\(query) HTTP/1.1\" 200 10 \"-\" \"Firefox\""
    let bench = try Bench()
    var builder = RequestBuilder(
      router: try Router(bench.keyring), logins: SystemScope("platform", first: "platform"), countries: nil)
    let event = Array(line.utf8).withUnsafeBufferPointer { builder.event(of: $0, stream: "test", offset: 7) }
    guard case .webRequest(let request) = event.payload else { return "rejected" }
    return [request.utmSource, request.utmMedium, request.utmCampaign].joined(separator: "/")
  }

  @Test(
    "come from a click's id where no words say anything",
    arguments: [
      ("gad_campaignid=21", "google/cpc/"), ("ck_subscriber_id=1", "kit/email/"),
      ("clickref=a", "partnerize/affiliate/"),
      ("gclid=Cj0K", "google/cpc/"), ("x=1&GCLID=Cj0K", "google/cpc/"), ("gbraid=a&wbraid=b", "google/cpc/"),
      ("msclkid=a", "bing/cpc/"), ("ttclid=a", "tiktok/cpc/"), ("twclid=a", "twitter/cpc/"),
      ("li_fat_id=a", "linkedin/cpc/"), ("ScCid=a", "snapchat/cpc/"), ("yclid=17", "yandex/cpc/"),
      ("dclid=a", "dv360/cpm/"), ("fbclid=IwAR", "facebook//"), ("mc_cid=a&mc_eid=b", "mailchimp/email/"),
      ("irclickid=a", "impact/affiliate/"), ("srsltid=a", "google/organic/"), ("gclid=", "//"), ("gclid", "//"),
      ("utm_campaign=may&gclid=a", "google/cpc/may"),
    ])
  func clicks(query: String, tags expected: String) throws { #expect(try tags(query) == expected) }

  @Test(
    "are the owner's words where there are some; an id fills what they leave open",
    arguments: [
      ("utm_source=news&utm_medium=email&gclid=a", "news/email/"), ("utm_medium=cpc&fbclid=a", "facebook/cpc/"),
      ("utm_source=google&gclid=a", "google/cpc/"), ("utm_source=flyer&fbclid=a", "flyer//"),
      ("utm_source=google&amp;utm_medium=cpc&amp;utm_campaign=may", "google/cpc/may"), ("UTM_Source=Bing", "Bing//"),
      ("utm_source=google&utm_medium=paid+search", "google/paid search/"), ("utm_source=a&utm_source=b", "b//"),
      ("utm_source_platform=x&utm_content=gclid", "//"), ("a=utm_source=b", "//"),
    ])
  func words(query: String, tags expected: String) throws { #expect(try tags(query) == expected) }
}
