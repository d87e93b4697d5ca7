package import Projections
package import Reports

/// The shop's list of marts: the one place where a mart registers itself, with its reports. Commands, help texts,
/// health and the documents follow from it.
package enum Shop {
  /// Every mart, in the order in which `status` lists them.
  package static let registry = MartRegistry([.sales, .traffic, .leads, .advertising, .returns])

  /// Every mart.
  package static var marts: [MartDefinition] { registry.marts }

  /// Every report, in the order of the marts that they belong to.
  package static var reports: ReportRegistry { registry.reports }
}
