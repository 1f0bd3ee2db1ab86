internal import Config
internal import Rotation
internal import Timekeeping

extension Scenario {
  /// What a writer does with its log after a rotation.
  enum Manner: CaseIterable {
    /// It notices itself that its log has gone from the name.
    case watchful
    /// It opens its log again when it is notified, at once or somewhat later.
    case prompt, late
  }

  /// Commands, hooks and writers that do not close archives, for jobs that are drawn already.
  mutating func drawHooks(_ generator: inout SeededGenerator) {
    hasBadHooks = Bool.random(using: &generator)
    for index in configuration.jobs.indices {
      let name = configuration.jobs[index].name
      if Int.random(in: 0..<4, using: &generator) == 0 {
        configuration.jobs[index].policy.rules.before = [.program(["flush", ExactText(name)])]
      }
      guard Bool.random(using: &generator) else { continue }
      Self.drawHooks(&configuration.jobs[index], &generator)
      for log in logs where log.job == name && !stubborn.contains(log.path) {
        manners[log.path] = Manner.allCases.randomElement(using: &generator)
      }
    }
  }

  /// The hooks of a job, and how long it waits for a writer that does not react.
  static func drawHooks(_ job: inout Job, _ generator: inout SeededGenerator) {
    let name = job.name
    let pool: [Hook] = [
      .reload(unit: "\(name).service"), .signal(unit: "\(name).service", 1),
      .pidFile(path: "/run/\(name).pid", signal: 1), .run(.shell("tell \(name)"), limit: .seconds(10)),
      .reload(unit: "app.service"), .pidFile(path: "/run/app.pid", signal: 10),
      .run(.shell("tell all"), limit: .seconds(90)),
    ]
    var rules = job.policy.rules
    rules.hooks = Array(pool.shuffled(using: &generator).prefix(Int.random(in: 1...3, using: &generator)))
    rules.reopenTimeout = .seconds([1, 30, 30, 900].randomElement(using: &generator) ?? 30)
    // Only what the config accepts.
    let mayUndo =
      rules.method == .move && rules.archiveDirectory == nil && job.policy.creation != .leftToWriter
    rules.undoesWhenStuck = mayUndo && Int.random(in: 0..<3, using: &generator) == 0
    job.policy.rules = rules
  }

  /// The logs whose writers a hook reaches: those of a job, if the hook has its name, else all.
  func listeners(of hook: Hook) -> [FilePath] {
    let text =
      switch hook {
      case .reload(let unit), .signal(let unit, _): unit
      case .pidFile(let path, _): path.printable
      case .run(let command, _), .script(let command, _):
        if case .shell(let line) = command { line.printable } else { "" }
      }
    let words = text.split { " /.".contains($0) }.map(String.init)
    let job = configuration.jobs.first { words.contains($0.name) }?.name
    return logs.filter { job == nil || $0.job == job }.map(\.path)
  }
}
