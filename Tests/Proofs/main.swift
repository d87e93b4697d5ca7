import Foundation
import ReplaySimulation

// Proofs that need a process of their own: each says what it shows.
//   millrace-proofs simulate [SEEDS]             seeds 0 ..< SEEDS, 10,000 unless said otherwise
//   MILLRACE_SEED=17 millrace-proofs simulate    one seed alone
//   millrace-proofs write FOLDER ACKS SEED       works until it is ended; tools/power-cut cuts its power
//   millrace-proofs check FOLDER ACKS SEED       holds what a cut left against what was acknowledged
//   millrace-proofs append FOLDER APPENDS        appends to a log, also after errors; for a disk that fails
let words = Array(CommandLine.arguments.dropFirst())
switch (words.first, words.count) {
case ("simulate", 1...2):
  let single = ProcessInfo.processInfo.environment["MILLRACE_SEED"].flatMap { UInt64($0) }
  let count = words.count == 2 ? UInt64(words[1]) ?? 0 : 10_000
  exit(Campaign(seeds: single.map { $0..<($0 + 1) } ?? 0..<count).run() ? 0 : 1)
case ("write", 4), ("check", 4):
  do {
    let proof = try PowerCutProof(folder: words[1], acknowledgements: words[2], seed: UInt64(words[3]) ?? 0)
    if words[0] == "write" { try proof.write() } else { print(try proof.check()) }
  } catch {
    print("FAILED: \(error)")
    exit(1)
  }
case ("append", 3):
  do {
    try Appender.run(folder: words[1], appends: Int(words[2]) ?? 0) { print($0) }
    print("found \(try Appender.count(folder: words[1]))")
  } catch {
    print("FAILED: \(error)")
    exit(1)
  }
default:
  FileHandle.standardError.write(
    Data("usage: millrace-proofs simulate [SEEDS] | write|check FOLDER ACKS SEED | append FOLDER APPENDS\n".utf8))
  exit(2)
}
