import Files
import Foundation
import Spreadsheet
import TestSupport
import Testing

@testable import Simulator

@Suite(.temporaryFolder) struct SheetTests {
  @Test("sheets sort by name as they do by time, and carry a third of their rows over") func order() throws {
    let sheets = try Workshop.scene(Workshop.plan()).sheets
    #expect(sheets.map(\.name) == sheets.map(\.name).sorted())
    #expect(sheets.count == 29)
    for (earlier, later) in zip(sheets, sheets.dropFirst()) {
      let carried = Set(earlier.rows.map(\.id)).intersection(later.rows.map(\.id))
      #expect(carried.count == earlier.rows.count / 3)
      for lead in later.rows {
        guard let before = earlier.rows.first(where: { $0.id == lead.id }) else { continue }
        #expect(before.status.rawValue <= lead.status.rawValue && before.createdAt == lead.createdAt)
      }
    }
  }

  @Test("workbooks and CSV files take turns, and are what their names say") func forms() throws {
    let built = try Workshop.build(Workshop.plan(days: 60))
    let names = try Files.names(in: built.folder + "/leads")
    #expect(names.count == 12)
    for (position, name) in names.enumerated() {
      let bytes = try Files.read(built.folder + "/leads/" + name, limit: 1 << 24).bytes
      let isWorkbook = position % 2 == 0
      #expect(name.hasSuffix(isWorkbook ? ".xlsx" : ".csv"))
      #expect(bytes.starts(with: isWorkbook ? Array("PK".utf8) : Array("lead_id,created_at,".utf8)))
    }
  }

  @Test("a sheet sent twice has the same rows under a later name") func sentTwice() throws {
    let sheets = try Workshop.scene(Workshop.plan(faultRate: 0.01)).sheets
    let again = try #require(sheets.firstIndex { $0.isResent })
    #expect(sheets[again].rows.map(\.id) == sheets[again - 1].rows.map(\.id))
    #expect(sheets[again].name > sheets[again - 1].name)
    #expect(again == sheets.count - 1 || sheets[again].name < sheets[again + 1].name)
  }

  @Test("a sheet with a broken header keeps its rows out of the truth") func brokenHeader() throws {
    let scene = try Workshop.scene(Workshop.plan(faultRate: 0.01))
    let texts = DayTexts(from: 0, through: 0)
    let header = LeadSheet.header
    for sheet in scene.sheets {
      let table = sheet.table(texts)
      #expect(table.rows.allSatisfy { $0.count == table.header.count })
      #expect(header.allSatisfy(table.header.contains) == sheet.isReadable)
      if sheet.form == .addedColumn { #expect(table.header.count == header.count + 1) }
    }
    let truth = Truth(world: scene.world, traffic: scene.traffic, sheets: scene.sheets)
    let seen = truth.leadsAsSeen()
    let readable = Set(scene.sheets.filter(\.isReadable).flatMap { $0.rows.map(\.id) })
    #expect(Set(seen.leads.keys) == readable)
    #expect(seen.leads.count < Workshop.plan().leads)
    let last = try #require(scene.sheets.last { $0.isReadable })
    #expect(seen.vanished == readable.subtracting(last.rows.map(\.id)))
  }
}
