internal import Rotation

/// The interface `org.rotated.Manager`: what operators see and steer.
package enum OperatorInterface {
  /// Its name.
  package static let name = "org.rotated.Manager"

  /// The text of the interface. The file `org.rotated.Manager.varlink` in the source tree has the same.
  package static let text: String = {
    var text = InterfaceText()
    let methods = OperatorMethod.allCases.map { method in
      let parameters = text.structure(Wire.Parameters.self, only: method.takes)
      let reply = text.structure(Wire.Reply.self, only: method.gives)
      let more = method.needsMore ? "\nTo be called with `more`." : ""
      return "\(InterfaceText.comment(method.about + more))method \(method.rawValue)\(parameters) -> \(reply)"
    }
    let errors = OperatorError.allCases.map { error in
      let detail = text.structure(Wire.ErrorDetail.self, only: error.gives)
      return "\(InterfaceText.comment(error.about))error \(error.rawValue) \(detail)"
    }
    let head = "\(InterfaceText.comment(about))interface \(name)"
    return ([head] + text.types + methods + errors).joined(separator: "\n\n") + "\n"
  }()

  private static let about = """
    What operators of rotated see and steer.
    Times are strings in the form of RFC 3339, sizes are bytes, and a field whose name ends in USec is microseconds.
    A byte of a file's name that is not UTF-8 is written as a backslash, x and two lower hexadecimal digits, and so is
    a backslash that would be read so.
    Fields, words and metrics may be added; what is here stays as it is.
    """
}

/// The errors of the interface `org.rotated.Manager`.
package enum OperatorError: String, CaseIterable, Sendable {
  case noSuchJob = "NoSuchJob"
  case noSuchLog = "NoSuchLog"
  case invalidConfig = "InvalidConfig"
  case noTrial = "NoTrial"
  case stopping = "Stopping"

  var about: String {
    switch self {
    case .noSuchJob: "There is no such job."
    case .noSuchLog: "No job has this log; `Explain` says why."
    case .invalidConfig: "The config has errors; the one in force stays."
    case .noTrial: "No config is on trial."
    case .stopping: "The daemon is stopping, and begins nothing new."
    }
  }

  /// The fields of `Wire.ErrorDetail` that it has.
  var gives: [String] {
    switch self {
    case .noSuchJob: ["job"]
    case .noSuchLog: ["path"]
    case .invalidConfig: ["findings"]
    case .noTrial, .stopping: []
    }
  }

  /// The error with what it says.
  package func with(_ detail: Wire.ErrorDetail = Wire.ErrorDetail()) -> VarlinkError {
    var writer = JSONWriter()
    detail.write(to: &writer)
    // What was just written is JSON; only of one that is beyond the bounds nothing is left but the name.
    guard case .object(let members)? = try? JSONReader.read(writer.take()) else {
      return VarlinkError(name: "\(OperatorInterface.name).\(rawValue)")
    }
    let chosen = members.filter { gives.contains($0.name.printable) }
    return VarlinkError(name: "\(OperatorInterface.name).\(rawValue)", parameters: .object(chosen))
  }
}
