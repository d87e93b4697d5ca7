import Concurrency
import Foundation
import Meters
import Pipeline

// Captures or projects the meters of a folder until it is killed: for tests that do just that.
let words = CommandLine.arguments
guard words.count == 3 else { exit(2) }
do {
  let workspace = try MeterWorkspace(words[2])
  if words[1] == "capture" {
    _ = try workspace.capture(until: { false })
  } else {
    try workspace.project(until: .whenAsked(StopFlag()))
  }
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
