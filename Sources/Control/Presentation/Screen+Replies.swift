internal import Rotation
internal import Timekeeping

extension Screen {
  /// A line of `rotatectl events`: when, and what happened.
  package mutating func event(_ event: Wire.Event) {
    if let missed = event.missed, missed > 0 {
      add("\(count(missed, "event")) missed here: this program has not read fast enough", .yellow)
    }
    let local = zone.localTime(at: event.at)
    let clock = [local.hour, local.minute, local.second].map { InternetTime.padded($0, 2) }.joined(separator: ":")
    let date = [local.month, local.day].map { InternetTime.padded($0, 2) }.joined(separator: "-")
    add("\(date) \(clock)  \(event.message)", Self.paint(event.severity))
  }

  /// What came of the rotation of one log, or of all of them: the replies of Rotate.
  package mutating func rotated(_ reply: Wire.Reply) {
    if let event = reply.event { add(event.message, Self.paint(event.severity)) }
    guard let rotated = reply.rotated else { return }
    let sums = [(rotated, "rotated"), (reply.skipped ?? 0, "not due or empty"), (reply.failed ?? 0, "failed")]
    let words = sums.filter { $0.0 > 0 || $0.1 == "rotated" }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    add(words, (reply.failed ?? 0) > 0 ? .red : .plain)
  }

  /// The reply to Pause.
  package mutating func paused(_ jobs: [String], _ reply: Wire.Reply) {
    let names = jobs.isEmpty ? "all jobs" : jobs.joined(separator: ", ")
    let end = reply.until.map { "until \(date($0)), \(distance($0))" } ?? "until `rotatectl resume`"
    add("paused \(names) \(end)")
  }

  /// What Resume has done.
  package mutating func resumed(_ jobs: [String]) {
    add("resumed \(jobs.isEmpty ? "all jobs" : jobs.joined(separator: ", "))")
  }

  /// The reply to RetryHooks.
  package mutating func retried(_ reply: Wire.Reply) {
    let hooks = reply.hooks ?? 0
    add(hooks == 0 ? "no hook is owed" : "\(count(hooks, "hook")) \(hooks == 1 ? "is" : "are") run again")
  }

  /// A sentence in place of what cannot be shown.
  package mutating func note(_ text: String) { add(text, .red) }

  /// The last line of a screen that is drawn again and again.
  package func footer(_ text: String) -> String {
    let local = zone.localTime(at: now)
    let clock = [local.hour, local.minute, local.second].map { InternetTime.padded($0, 2) }.joined(separator: ":")
    return style.paint(style.clean("\(clock), \(text)").cut(to: style.width, ellipsis: style.ellipsis), .dim)
  }

  /// The reply to Reload.
  package mutating func reloaded(_ reply: Wire.Reply) {
    let parts = [("added", reply.added), ("changed", reply.changed), ("removed", reply.removed)]
    let changes = parts.compactMap { word, jobs -> String? in
      guard let jobs, !jobs.isEmpty else { return nil }
      let shown = jobs.prefix(10).joined(separator: ", ") + (jobs.count > 10 ? ", ..." : "")
      return "\(count(Int64(jobs.count), "job")) \(word) (\(shown))"
    }
    let sha = reply.configSHA256.map { ", SHA-256 \($0.prefix(12))" } ?? ""
    add("the config is in force\(sha): \(changes.isEmpty ? "no job has changed" : changes.joined(separator: "; "))")
    guard let until = reply.until else { return }
    add(
      "on trial until \(date(until)), \(distance(until)): then the config before comes back, unless `rotatectl reload --confirm` comes first",
      .yellow)
  }

  private static func paint(_ severity: Wire.Severity) -> Paint {
    switch severity {
    case .error: .red
    case .warning: .yellow
    case .notice: .bold
    case .info: .plain
    case .debug: .dim
    }
  }
}
