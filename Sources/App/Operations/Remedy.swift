/// What to do about records that were left out.
package enum Remedy {
  /// As a clause. `stage`: as the quarantine has it. `kind`: of the source, as in millrace.yaml; "" where nobody knows.
  package static func words(for reason: String, stage: String, kind: String) -> String {
    guard stage == "capture" else { return later(reason, stage) }
    switch reason {
    case "sheet.unreadable": return "mend the file, or take it out of the folder"
    case "sheet.missingColumn": return "put the column back into the sheet, under its name, and save it"
    case "sheet.badQuotes": return "mend the quotes of that line, and save the sheet"
    case "sheet.extraCells": return "put the cell that holds the separator into quotes, and save the sheet"
    case "sheet.cellError": return "mend the formula, and save the sheet"
    case "weblog.lineTooLong", "weblog.unparsable":
      return "look at the server's LogFormat: it has to be combined, common or vhost_combined; lines that were written "
        + "stay as they are: `millrace quarantine discard --reason \(reason)`"
    default: break
    }
    let what =
      switch reason {
      case "money.otherCurrency": "give the row the currency of the others of its day, market, channel and campaign"
      case "money.unknownCurrency": "write the currency as ISO 4217 has it (EUR)"
      case "money.badAmount": "write the amount as a number that is not negative"
      case "date.impossible": "write a day that there is, as YYYY-MM-DD"
      case "row.missingField": "fill the column"
      case "row.unknownValue": "write a word that Millrace knows"
      case "row.badNumber": "write a number"
      case "event.tooLarge": "shorten the text"
      default: "mend it"
      }
    switch kind {
    case "sqlite": return what + " in the database; its next change settles it"
    case "leads", "spend": return what + " in the sheet, and save it under its name"
    default: return what
    }
  }

  private static func later(_ reason: String, _ stage: String) -> String {
    switch stage {
    case "validate", "fold":
      "mend it in the source: its next version settles it where its key is a number; "
        + "else then `millrace quarantine discard --reason \(reason)`"
    case "open": "put the keys and the vault back that sealed it, then `millrace replay`"
    default: "look at what wrote to the log; `millrace quarantine discard --reason \(reason)` once it is known"
    }
  }
}
