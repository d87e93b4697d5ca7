import Capture
import EventLog
import Money

/// Capturing under faults.
extension Simulation {
  /// Captures what has happened, starting anew after each crash, as another process would.
  func capture() throws {
    for attempt in 0..<20 {
      var readsBeforeCrash: Int?
      line.plan = []
      if attempt < 3, !isCalm {
        for _ in 0..<3 {
          let fault = forced.isOfCapture && suffered[forced] == nil && line.suffered[forced] == nil ? forced : nil
          guard let planned = fault ?? (draw.chance(20) ? draw.pick(Fault.ofCapture) : nil) else { continue }
          if planned == .crashWhileReading { readsBeforeCrash = draw.below(3) } else { line.plan.append(planned) }
        }
      }
      let source = ScriptedSource(
        script, happened: happened, batch: 1 + draw.below(12), readsAhead: draw.chance(50),
        readsBeforeCrash: readsBeforeCrash)
      do {
        let session = try CaptureSession(
          CaptureConfiguration(workspace: folder, partitions: partitions), sources: [source], log: line,
          keyring: workshop.keyring, vault: workshop.vault, clock: { Timestamp(millis: 1_795_000_000_000) })
        _ = try session.runOnce()
        if draw.chance(60) { try line.deliver() }
        return
      } catch is PlannedCrash {
        suffer(.crashWhileReading)
      } catch let error as LogError where error.cause == "planned" {
      }
    }
    throw fail("capture did not come to an end")
  }
}

extension Fault {
  static let ofCapture: [Fault] = [
    .crashBeforeAppend, .crashAfterAppend, .crashWhileReading, .duplicateAppend, .lateBatch,
  ]
  var isOfCapture: Bool { Fault.ofCapture.contains(self) }
}
