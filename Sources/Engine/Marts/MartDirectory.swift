internal import Files
package import Telemetry

/// A mart's folder: generation files and `CURRENT`, the small file that names the one being served.
///
///     marts/sales/CURRENT               sales.000007.sqlite
///     marts/sales/sales.000007.sqlite   (with -wal and -shm beside it)
///     marts/sales/sales.000007.lock     held by the generation's writer
///     marts/sales/sales.000007.trap     the event in hand, for the guard against crash loops
///     marts/sales/sales.000008.state    beside a generation that is being built, or was built for looking only
///     marts/sales/replay.lock           held by who builds, swaps or deletes generations
///     marts/sales/handover.lock         held by who wants the generation's writer to make way
///
/// `CURRENT` is changed only by who holds the lock of the generation that it names (of the first one, where it names none),
/// so a writer that finds its generation named after it has locked it knows that it stays so.
///
/// A generation's file name is never reused and no file is ever renamed over another: a `-wal` belongs to the name.
package struct MartDirectory: Sendable, Equatable {
  /// The mart's name.
  package let name: String
  /// Its folder, without a slash at the end.
  package let folder: String
  let telemetry: MartTelemetry

  /// `marts` is the folder of all marts. `logger` and `metrics` are told of what happens to its generations, also by
  /// writers that are opened here. Does not touch the disk.
  package init(marts: String, name: String, logger: Logger = .silent, metrics: Metrics = Metrics()) {
    self.name = name
    folder = "\(marts)/\(name)"
    telemetry = MartTelemetry(name, logger, metrics)
  }

  /// The same mart, whoever is told of it.
  package static func == (left: MartDirectory, right: MartDirectory) -> Bool {
    left.name == right.name && left.folder == right.folder
  }

  /// The generation's SQLite file. Does not touch the disk, nor do the paths below.
  package func path(of generation: Int) -> String { "\(folder)/\(fileName(of: generation))" }
  /// The lock that the generation's one writer holds.
  package func lockPath(of generation: Int) -> String { "\(folder)/\(name).\(digits(generation)).lock" }

  /// Where the generation's writer keeps which event was in hand, across crashes. No SQLite file.
  package func trapPath(of generation: Int) -> String { "\(folder)/\(name).\(digits(generation)).trap" }

  /// What says that a generation is not (yet) one to serve; see `GenerationState`.
  package func statePath(of generation: Int) -> String { "\(folder)/\(name).\(digits(generation)).state" }
  /// The lock of who builds, swaps or deletes generations.
  package var replayLockPath: String { "\(folder)/replay.lock" }
  /// The lock that is held by who wants the writer to make way (`HandOver`).
  package var handOverLockPath: String { "\(folder)/handover.lock" }

  private func fileName(of generation: Int) -> String { "\(name).\(digits(generation)).sqlite" }

  private func digits(_ generation: Int) -> String {
    let text = String(generation)
    return String(repeating: "0", count: max(0, 6 - text.count)) + text
  }

  /// Makes the folder when it is missing.
  package func create() throws(MartError) {
    try MartError.wrapping(name, "create its folder") {
      try Files.makeFolder(folder)
      try Files.syncFolder(Files.folder(of: folder))
    }
    try refuseLinkedFolder()
  }

  /// The generation that `CURRENT` names, or nil when there is none yet.
  package func currentGeneration() throws(MartError) -> Int? {
    let pointer = "\(folder)/CURRENT"
    guard Files.exists(pointer) || FileFacts(pointer) != nil else { return nil }
    try refuseLinkedFolder()
    let text = try MartError.wrapping(name, "read CURRENT") {
      String(decoding: try Files.read(pointer, limit: MartLimits.currentFileBytes).bytes, as: UTF8.self)
    }
    guard text.last == "\n", let generation = generation(ofFile: String(text.dropLast())) else {
      throw MartError(
        .damaged, mart: name, operation: "read CURRENT", cause: "it does not name a generation of this mart",
        hint: "write the newest generation's file name and a line feed into \(pointer), or rebuild the mart")
    }
    return generation
  }

  /// All generations whose file is there, ascending.
  package func generations() throws(MartError) -> [Int] {
    guard Files.exists(folder) else { return [] }
    return try MartError.wrapping(name, "list its folder") {
      try Files.names(in: folder).compactMap(generation(ofFile:)).sorted()
    }
  }

  /// The number of a generation to be made: above all that left any file here, and never the first, which a projector
  /// makes by itself.
  package func nextGeneration() throws(MartError) -> Int {
    let names = try MartError.wrapping(name, "list its folder") { try Files.names(in: folder) }
    return max(2, (names.compactMap { number(ofFile: $0) }.max() ?? 0) + 1)
  }

  /// Generations that left any file here, with the names of those files.
  func filesByGeneration() throws(MartError) -> [Int: [String]] {
    let names = try MartError.wrapping(name, "list its folder") { try Files.names(in: folder) }
    var files: [Int: [String]] = [:]
    for file in names { if let number = number(ofFile: file) { files[number, default: []].append(file) } }
    return files
  }

  /// Points `CURRENT` at a generation, durably. A reader sees the old or the new one, never a mixture.
  package func makeCurrent(_ generation: Int) throws(MartError) {
    guard let facts = FileFacts(path(of: generation)), facts.isRegular else {
      throw MartError(
        .missing, mart: name, operation: "switch to generation \(generation)", cause: "its file is missing",
        hint: "rebuild it from the log")
    }
    // For the log line alone.
    let before = try? currentGeneration()
    try MartError.wrapping(name, "write CURRENT") {
      try Files.replace("\(folder)/CURRENT", with: Array("\(fileName(of: generation))\n".utf8))
    }
    telemetry.isCurrent(generation, after: before)
  }

  /// Refuses links: a second name for a database has a `-wal` of its own, and commits vanish between the two.
  func refuseLinks(_ generation: Int) throws(MartError) {
    try refuseLinkedFolder()
    guard let facts = FileFacts(path(of: generation)) else { return }
    guard facts.isRegular, facts.links == 1 else {
      throw MartError(
        .damaged, mart: name, operation: "open generation \(generation)",
        cause: facts.isSymbolicLink
          ? "its file is a symbolic link"
          : facts.isRegular ? "its file has a second name (hard link)" : "it is not a regular file",
        hint: "put the file itself there; a database reached under two names loses commits")
    }
  }

  private func refuseLinkedFolder() throws(MartError) {
    guard let facts = FileFacts(folder), !facts.isFolder else { return }
    throw MartError(
      .damaged, mart: name, operation: "open its folder", cause: "\(folder) is not a folder itself",
      hint: "put the folder itself there, not a link to it")
  }

  private func generation(ofFile file: String) -> Int? {
    let suffix = ".sqlite"
    guard file.hasSuffix(suffix), file.utf8.count == name.utf8.count + 7 + suffix.utf8.count else { return nil }
    return number(ofFile: file)
  }

  /// Of "sales.000007.anything".
  private func number(ofFile file: String) -> Int? {
    let prefix = "\(name)."
    guard file.hasPrefix(prefix) else { return nil }
    let rest = file.utf8.dropFirst(prefix.utf8.count)
    let digits = rest.prefix(6)
    guard digits.count == 6, digits.allSatisfy({ $0 >= 48 && $0 <= 57 }), rest.dropFirst(6).first == UInt8(ascii: ".")
    else { return nil }
    let number = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    return number >= 1 ? number : nil
  }
}
