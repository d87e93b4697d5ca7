/// What this program says of itself, in backups and in what it exports.
package enum Program {
  package static let version = "0.1.0"
}
