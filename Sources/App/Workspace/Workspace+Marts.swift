internal import Failures
package import Marts
package import Projections
internal import ShopMarts

/// Where the workspace's marts are, and which there are.
extension Workspace {
  /// The folder of this mart, whether or not it is there.
  package func mart(_ name: String) -> MartDirectory {
    MartDirectory(marts: martsFolder, name: name, logger: logger, metrics: metrics)
  }

  /// The mart of this name; throws `.usage` with the nearest name.
  package static func definition(named name: String) throws -> MartDefinition {
    guard let definition = Shop.marts.first(where: { $0.name == name }) else {
      let names = Shop.marts.map(\.name)
      let near = nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
      throw Failure(.usage, "there is no mart '\(printable(name))'\(near) (marts: \(names.joined(separator: ", ")))")
    }
    return definition
  }
}
