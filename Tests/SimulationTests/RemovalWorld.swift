import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

/// Each hour a log is rotated whose oldest archive, the second, is mailed and given to a script before it is removed.
final class RemovalWorld {
  static let end: [FileName: String] = ["a.log": "", "a.log.1": "two\n"]
  static let between: [FileName: String] = ["a.log": "", "a.log.1": "two\n", "a.log.2": "one\n"]

  /// A child, and what it has got.
  struct Told: Equatable {
    var program: ExactText
    var last: ExactText?
    var input: String
  }

  let rig: Rig
  private(set) var told: [Told] = []
  /// What the children do.
  var play: (ChildRequest) -> SimulatedProcesses.Play = { _ in SimulatedProcesses.Play() }

  init(edit: (inout Job) -> Void = { _ in }) {
    var job = Rig.job("a", every: 3600, keep: 1)
    job.policy.rules.beforeRemoval = [
      .mail(Mail(program: "mail", address: "root"), limit: .seconds(60)),
      .script(.program(["ship"]), limit: .seconds(60)),
    ]
    edit(&job)
    rig = Rig([job])
    rig.fill("a.log", "two\n")
    rig.disk.plant(.regular, at: "/logs/a.log.1", content: "one\n")
    rig.processes.play = { [unowned self] request in
      let input = String(decoding: rig.disk.input(request.input), as: UTF8.self)
      told.append(Told(program: request.arguments[0], last: request.arguments.last, input: input))
      return play(request)
    }
  }

  func contents() -> [FileName: String] {
    Dictionary(uniqueKeysWithValues: rig.names.map { ($0, rig.content($0) ?? "") })
  }

  var programs: [ExactText] { told.map(\.program) }
}
