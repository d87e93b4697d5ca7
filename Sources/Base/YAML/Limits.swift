/// What a document may cost before it is refused. Every document is outside input: a configuration somebody typed,
/// data some package ships.
package struct YAMLLimits: Sendable, Equatable {
  /// uap-core's largest test file has 3.3 MB, its patterns 0.2 MB; a configuration has a few KB.
  package var bytes = 4 * 1024 * 1024
  /// Levels of sequences and mappings in each other. Configurations use four; readers recurse, so this bounds
  /// the stack.
  package var depth = 32
  /// Scalars, sequences and mappings together. A node costs about 100 bytes, so 4 MiB of `[,,,]` cannot become 400 MB.
  package var nodes = 500_000

  package init() {}

  package init(bytes: Int, depth: Int = 32, nodes: Int = 500_000) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
  }
}
