import Control
import Rotation
import Simulation

/// A client of the simulated daemon that speaks Varlink.
struct ControlCaller {
  let client: SimulatedClient

  /// Connects to the daemon of a rig, which lives.
  init(_ rig: Rig, mayAct: Bool = true) { client = rig.control.connect(mayAct: mayAct) }

  /// Calls a method of the interface for operators, with parameters as they are set.
  func call(_ method: String, more: Bool = false, _ set: (inout Wire.Parameters) -> Void = { _ in }) {
    var parameters = Wire.Parameters()
    set(&parameters)
    client.send(VarlinkCall.message("\(OperatorInterface.name).\(method)", parameters, wantsMore: more))
  }

  /// The replies so far.
  var replies: [VarlinkReply] {
    client.received.split(separator: 0, omittingEmptySubsequences: false).dropLast().compactMap {
      try? VarlinkReply(Array($0))
    }
  }

  /// The values of the replies that are no errors.
  var values: [Wire.Reply] { replies.compactMap { $0.error == nil ? try? Wire.Reply.read($0.parameters) : nil } }

  /// Each reply in a word: the last part of its error's name, or what it is about.
  var words: [String] {
    replies.map { reply in
      if let error = reply.error { return String(error.name.split(separator: ".").last ?? "") }
      guard let value = try? Wire.Reply.read(reply.parameters) else { return "unreadable" }
      let end = reply.continues ? "…" : ""
      if let event = value.event { return "\(event.kind) \(event.path?.printable ?? "")\(end)" }
      if let rotated = value.rotated {
        return "rotated \(rotated), skipped \(value.skipped ?? -1), failed \(value.failed ?? -1)\(end)"
      }
      return (value.job.map { "job \($0.name)" } ?? value.log.map { "log \($0.path.printable)" } ?? "empty") + end
    }
  }
}
