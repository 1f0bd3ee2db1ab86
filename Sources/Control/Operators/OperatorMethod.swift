internal import Rotation

/// The methods of the interface `org.rotated.Manager`.
package enum OperatorMethod: String, CaseIterable, Sendable {
  case describe = "Describe"
  case list = "List"
  case explain = "Explain"
  case plan = "Plan"
  case rotate = "Rotate"
  case pause = "Pause"
  case resume = "Resume"
  case reload = "Reload"
  case retryHooks = "RetryHooks"
  case subscribe = "Subscribe"
  case metrics = "Metrics"

  /// Its parameters and what it replies, by the names of the fields, and a description.
  private var row: (takes: String, gives: String, about: String) {
    switch self {
    case .describe: ("", "daemon problems", "The daemon, its config, and what does not work.")
    case .list:
      (
        "jobs logs withLogs withHolders withDaemon", "job log daemon problems",
        "One reply for each job that was asked for, or that has a log that was asked for;\nwith withLogs, one for each of these logs comes before it."
      )
    case .explain:
      (
        "logs", "explanation",
        "Which job has a log and why, when it is rotated or why not, and its archives. One reply for each path."
      )
    case .plan: ("jobs logs", "plan", "What a rotation now would do. One reply for each log; nothing is changed.")
    case .rotate:
      (
        "jobs logs force wait", "event rotated skipped failed",
        "Rotates logs that are due, or all with force. With `more` and wait there is one reply for each log, with event;\nthe last one has the sums."
      )
    case .pause:
      (
        "jobs forUSec", "until",
        "Rotates no log of these jobs. What is under way ends; archives are compressed and removed as before."
      )
    case .resume:
      ("jobs", "", "Ends a pause. A time that came meanwhile is served at once by a job that catches up.")
    case .reload:
      (
        "trialUSec confirm", "configSHA256 added changed removed until",
        "Reads the config. If it has an error, the one in force stays."
      )
    case .retryHooks: ("jobs logs", "hooks", "Runs hooks that have failed again at once.")
    case .subscribe:
      (
        "jobs logs", "event",
        "One reply for each event, until the client closes the connection. The first reply is empty: nothing is missed from there on."
      )
    case .metrics:
      ("withLogs", "samples", "One reply for the program, and one for each job, or each log with withLogs.")
    }
  }

  /// The fields of `Wire.Parameters` that it takes.
  package var takes: [String] { row.takes.split(separator: " ").map(String.init) }
  /// The fields of `Wire.Reply` that its replies have.
  package var gives: [String] { row.gives.split(separator: " ").map(String.init) }
  /// What it does, for the text of the interface.
  var about: String { row.about }

  /// Whether it changes something: only root and the daemon's own user may call it.
  package var acts: Bool {
    switch self {
    case .rotate, .pause, .resume, .reload, .retryHooks: true
    case .describe, .list, .explain, .plan, .subscribe, .metrics: false
    }
  }

  /// Whether its replies are as many as there are jobs, logs or events: a client that takes one only gets ExpectedMore.
  package var needsMore: Bool {
    switch self {
    case .list, .explain, .plan, .subscribe, .metrics: true
    case .describe, .rotate, .pause, .resume, .reload, .retryHooks: false
    }
  }
}

/// A call of the interface `org.rotated.Manager`.
package struct OperatorCall: Hashable, Sendable {
  package let method: OperatorMethod
  package let parameters: Wire.Parameters

  /// A call of this program itself.
  package init(_ method: OperatorMethod, _ parameters: Wire.Parameters) {
    (self.method, self.parameters) = (method, parameters)
  }

  /// Reads a call. `mayAct` says whether the client may change anything. A parameter that the method does not have is an error:
  /// a filter that is misspelt must not select everything.
  package init(_ call: VarlinkCall, mayAct: Bool) throws(VarlinkError) {
    guard call.interface == OperatorInterface.name else { throw .interfaceNotFound(call.interface) }
    guard let method = OperatorMethod(rawValue: call.method) else { throw .methodNotFound(call.method) }
    guard mayAct || !method.acts else { throw .permissionDenied }
    guard call.wantsMore || call.isOneway || !method.needsMore else { throw .expectedMore }
    if case .object(let members) = call.parameters,
      let name = members.map(\.name.printable).first(where: { !method.takes.contains($0) })
    {
      throw .invalidParameter(name)
    }
    self.method = method
    do throws(WireError) { parameters = try Wire.Parameters.read(call.parameters) } catch {
      throw .invalidParameter(error.place)
    }
  }
}
