import Rotation
import Timekeeping

extension DocumentCompiler {
  /// Reports what a job lacks, and which of its keys have no effect together with its others.
  func check(_ draft: JobDraft, _ defaults: JobDraft, _ table: Int, _ owner: Owner) {
    let place = document.nodes[table].keyPlace
    for position in draft.given where !draft.onlyRemoves || KeySet.withRetain.contains(position) {
      checkRules(of: Tables.job.keys[position], draft, table, owner)
    }
    if draft.onlyRemoves { return checkRetain(draft, table, owner) }
    if !draft.given.meets(.logs) {
      findings.error("\(owner) has no `logs`", at: place, hint: "name a path or pattern: `logs = \"/var/log/app.log\"`")
    }
    if !draft.has(.size), draft.schedule.schedule == nil, !asksForSchedule(draft, defaults, table) {
      findings.error(
        "\(owner) is never due: it has neither a schedule nor a `size`", at: place,
        hint: "write `daily = true`, `every = \"1h\"` or `size = \"10M\"`")
    }
    checkLevel(draft, table)
    warnOfCoarseDates(draft, table)
  }

  private func checkRules(of key: Key<JobDraft>, _ draft: JobDraft, _ table: Int, _ owner: Owner) {
    for rule in key.rules where rule.isBroken(draft) {
      guard !key.isSame(draft, .builtIn), let child = reader.child(of: table, key.name) else { return }
      findings.error(
        "\(owner) has `\(key.name)` \(rule.message)", at: document.nodes[child].keyPlace, hint: rule.hint(for: key.name)
      )
    }
  }

  /// Whether a schedule is set but invalid, here or in the defaults: that is already reported there.
  private func asksForSchedule(_ draft: JobDraft, _ defaults: JobDraft, _ table: Int) -> Bool {
    guard draft.schedule.isOwn else { return defaults.schedule.isOwn && findings.hasErrors }
    return draft.given.contains { position in
      guard KeySet.schedules.contains(position) else { return false }
      let child = reader.child(of: table, Tables.job.keys[position].name)
      return child.map { !document.nodes[$0].value.isFalse } ?? true
    }
  }

  /// The nodes of the keys that set a schedule in a table, with valid or invalid values; `daily = false` does not
  /// count.
  private func schedules(in table: Int) -> [Document.Node] {
    document.children(of: table).map { document.nodes[$0] }.filter { node in
      !node.value.isFalse && Tables.job.position(of: node.key).map { KeySet.schedules.contains($0) } ?? false
    }
  }

  /// Reports that a table has more than one schedule.
  func refuseTwoSchedules(_ table: Int, _ draft: JobDraft, _ owner: Owner) {
    guard draft.given.common(with: .schedules) > 1 else { return }
    let nodes = schedules(in: table)
    guard let last = nodes.last, nodes.count > 1 else { return }
    let names = JobKeys.schedules.map(\.name).filter { name in nodes.contains { $0.key == name } }
    findings.error(
      "\(owner) has \(names.count == 2 ? "two" : "\(names.count)") schedules, \(Wording.list(names)); a job can have one",
      at: last.keyPlace,
      hint: "make a job for each, or write a list: `calendar = [\"hourly\", \"Mon 02:30\"]`")
  }

  private func checkLevel(_ draft: JobDraft, _ table: Int) {
    guard draft.given.meets(.compressLevel), let level = draft.level, case .tool(let tool) = draft.compress,
      !tool.levels.contains(level), let child = reader.child(of: table, "compress-level")
    else { return }
    findings.error(
      "`compress-level` is \(level); for \(tool.rawValue) expected \(tool.levels.lowerBound) to "
        + "\(tool.levels.upperBound)", at: document.nodes[child].place)
  }

  private func warnOfCoarseDates(_ draft: JobDraft, _ table: Int) {
    guard draft.isDated, let format = draft.dateFormat, format.isCoarser(than: draft.schedule.schedule),
      let child = reader.child(of: table, "date-format")
    else { return }
    findings.warning(
      "`date-format` is coarser than the schedule: several archives will have the same date, and `~1`, `~2` and "
        + "so on after it", at: document.nodes[child].place)
  }
}
