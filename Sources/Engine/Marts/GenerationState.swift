internal import Files

/// What is written beside a generation that is not one to serve: it is being built, or was built for looking only. A
/// generation without such a file is, or was, served. `CURRENT` outweighs it: the file is deleted after the swap.
package struct GenerationState: Equatable, Sendable {
  /// What a generation was begun for.
  package enum Purpose: String, Sendable {
    /// To take the place of the generation being served.
    case replacement
    /// To be looked at; never served.
    case detached
  }

  /// How far it has come.
  package enum Phase: String, Sendable {
    /// Its commits wait for no disk, so it is worth nothing after a restart of the machine.
    case building
    /// Whole on disk, and checked.
    case verified
  }

  /// Replacement or for looking only.
  package var purpose: Purpose
  /// Building, or whole and checked.
  package var phase: Phase
  /// The machine's start under which it was begun (`BootID.current`).
  package var bootID: String
  /// Where a detached one ends, in the words it was asked for; empty for a replacement.
  package var until: String
  /// The snapshot that it was begun from, so that no other replay goes on with it; empty: begun from the log alone.
  package var snapshot: String

  package init(purpose: Purpose, phase: Phase, bootID: String, until: String = "", snapshot: String = "") {
    self.purpose = purpose
    self.phase = phase
    self.bootID = bootID
    self.until = until
    self.snapshot = snapshot
  }

  /// Whether its file can be trusted now: a power cut damages what was not yet verified.
  package func isSound(bootID: String) -> Bool { phase == .verified || (self.bootID == bootID && !bootID.isEmpty) }

  private static let firstLine = "millrace generation 1"

  var text: String {
    "\(GenerationState.firstLine)\npurpose \(purpose.rawValue)\nphase \(phase.rawValue)\nboot \(bootID)\nuntil \(until)\n"
      + (snapshot.isEmpty ? "" : "snapshot \(snapshot)\n")
  }

  /// nil: not such a text.
  init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count == 6 || (lines.count == 7 && lines[5].hasPrefix("snapshot ")),
      lines[0] == GenerationState.firstLine, lines.last == "",
      let purpose = Purpose(rawValue: GenerationState.value(of: "purpose", lines[1])),
      let phase = Phase(rawValue: GenerationState.value(of: "phase", lines[2])), lines[3].hasPrefix("boot "),
      lines[4].hasPrefix("until ")
    else { return nil }
    self.init(
      purpose: purpose, phase: phase, bootID: GenerationState.value(of: "boot", lines[3]),
      until: GenerationState.value(of: "until", lines[4]), snapshot: GenerationState.value(of: "snapshot", lines[5]))
  }

  private static func value(of key: String, _ line: String) -> String {
    line.hasPrefix(key + " ") ? String(line.dropFirst(key.utf8.count + 1)) : ""
  }
}

/// Tells one start of the machine from another.
package enum BootID {
  /// Empty where the system gives none; then nothing unverified is resumed.
  package static var current: String {
    // A file of the kernel's: its size is 0, so it is read by what it holds.
    (try? Files.readLine("/proc/sys/kernel/random/boot_id")) ?? ""
  }
}

extension MartDirectory {
  /// nil: the generation is, or was, one to serve. A file that cannot be understood counts as a building one of unknown
  /// origin, which nobody resumes.
  package func state(of generation: Int) throws(MartError) -> GenerationState? {
    let path = statePath(of: generation)
    guard FileFacts(path) != nil else { return nil }
    let bytes = try MartError.wrapping(name, "read the state of generation \(generation)") {
      try Files.read(path, limit: MartLimits.stateFileBytes).bytes
    }
    return GenerationState(text: String(decoding: bytes, as: UTF8.self))
      ?? GenerationState(purpose: .replacement, phase: .building, bootID: "")
  }

  /// Durably.
  package func write(_ state: GenerationState, of generation: Int) throws(MartError) {
    try MartError.wrapping(name, "write the state of generation \(generation)") {
      try Files.replace(statePath(of: generation), with: Array(state.text.utf8))
    }
  }

  /// Durably. From here on the generation counts as one that is, or was, served.
  package func removeState(of generation: Int) throws(MartError) {
    try MartError.wrapping(name, "delete the state of generation \(generation)") {
      try Files.remove(statePath(of: generation))
      try Files.syncFolder(folder)
    }
  }
}
