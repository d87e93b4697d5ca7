internal import Foundation

/// Response curves of all rows, the seasons of their markets, and what they were fitted with.
///
/// Model. Conversions of row r in week t have mean A_r · S_{m,t} · φ_c(u_{r,t}), where u is spend over the row's usual
/// spend, φ_c one of the library's shapes, A_r the row's amplitude and S the market's demand that week; their variance
/// is mean + v · mean² (quasi-likelihood), v times a design effect since neighbouring weeks are alike. Shapes are
/// shrunk by empirical Bayes: the company's weights over shapes are a mixture of the library's and the rows'
/// (Dirichlet, estimated by EM), a row's prior is the company's shifted to the elasticities that the channel's other
/// rows show (`ShapePooling`); amplitudes have a gamma prior whose mean follows channel, market and how saturated the
/// shape says the row is. Curves are posterior means over all shapes, so no single family has to be right.
package struct ResponseModel: Sendable {
  package let library: ShapeLibrary
  package let rows: [RowResponse]
  /// By position in `markets`.
  package let seasons: [SeasonForecast]
  package let markets: [Int]
  package let weeks: Int
  /// v above: squared relative scatter of weeks beyond chance.
  package let dispersion: Double

  package func season(of row: RowResponse) -> SeasonForecast? {
    markets.firstIndex(of: row.row.market).map { seasons[$0] }
  }

  /// Expected weekly return of a row in minor units over its weekly spend, in the season to come; base included.
  package func curve(of row: RowResponse) -> ResponseCurve {
    let factor = (season(of: row)?.factor ?? 1) * row.valuePerConversion
    return ResponseCurve(
      spend: library.levels.map { $0 * row.referenceSpendMinor },
      value: row.conversionsAtLevels(library).map { $0 * factor })
  }
}
