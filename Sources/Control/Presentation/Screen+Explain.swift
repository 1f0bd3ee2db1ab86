internal import Rotation
internal import Timekeeping

extension Screen {
  /// `rotatectl explain`: everything about one path.
  package mutating func explain(_ value: Wire.Explanation) {
    space()
    add(value.path.printable, .bold)
    if let log = value.log, value.standing == .log {
      add("Log of job \(log.job)\(value.pattern.map { ", by the pattern \($0)" } ?? "")", indent: 2)
    } else {
      add(Self.words(value.standing), .yellow, indent: 2)
    }
    if let remark = value.remark { add(remark, indent: 2) }
    for claim in value.claims {
      add("Not of job \(claim.job), by the pattern \(claim.pattern): \(claim.reason)", .dim, indent: 2)
    }
    if let log = value.log { add(log) }
    for holder in value.holders { add(words(holder), indent: 2) }
    if value.isPartial {
      add("Some processes could not be looked at, and may have these files open, too.", .yellow, indent: 2)
    }
    var table = Table()
    table.column("CONDITION")
    table.column("IS", .text(to: 12))
    table.column("WANTED", .text(to: 12))
    table.column("")
    for condition in value.conditions {
      let mark = condition.holds ? Cell("yes", .green) : Cell("no", .yellow)
      table.row([cell(condition.name), cell(condition.value), cell(condition.wanted), mark])
    }
    add(table, heading: "Conditions")
    if let plan = value.plan {
      space()
      steps(plan, indent: 0)
    }
    archives(value)
  }

  private mutating func add(_ log: Wire.Log) {
    let size = size(log.bytes, of: log.limitBytes)
    lines.append("  Size: " + (size.text.isEmpty ? "no such file now" : style.paint(size.text, size.paint)))
    if let last = log.last {
      let archive = last.archive.map { " to \($0.printable)" } ?? ""
      // Of a rotation before the start the daemon knows the time alone.
      let what = last.reason.isEmpty ? "" : ": \(last.reason), \(ByteSize.describe(last.bytes))\(archive)"
      add("Last: \(date(last.at)), \(distance(last.at))\(what)", indent: 2)
    } else {
      add("Last: never", indent: 2)
    }
    if let refusal = log.refusal { add("Then not rotated: \(refusal)", .yellow, indent: 2) }
    if let next = log.next {
      let time = next.at.map { "\(next.isPredicted ? "about " : "")\(date($0)), \(distance($0)): " } ?? ""
      add("Next: \(time)\(next.reason)", indent: 2)
    }
  }

  private mutating func archives(_ value: Wire.Explanation) {
    var table = Table()
    table.column("ARCHIVE", .path(to: 20))
    table.column("LAST LINE", .goes(2))
    table.column("AGE")
    table.column("SIZE", isRight: true)
    table.column("HELD BY", .goes(1))
    table.column("GOES", .text(to: 12))
    for archive in value.archives {
      let removal = archive.removal.map { due in (due.at.map { distance($0) + ", " } ?? "") + due.reason }
      table.row([
        cell(archive.path.printable), cell(date(archive.modified)), cell(distance(archive.modified)),
        cell(ByteSize.describe(archive.bytes)), cell(holders(archive.holders), .yellow), cell(removal),
      ])
    }
    let all = value.log.map { max($0.archives, Int64(value.archives.count)) } ?? Int64(value.archives.count)
    add(table, heading: "\(count(all, "archive"))\(all > Int64(value.archives.count) ? ", the newest:" : "")")
    for archive in value.archives where !archive.holders.isEmpty {
      space()
      add("\(archive.path.split.name.printable):", indent: 2)
      for holder in archive.holders { add(words(holder), .yellow, indent: 4) }
    }
  }

  /// `rotatectl plan`: what a rotation of one log now would do.
  package mutating func plan(_ plan: Wire.LogPlan) {
    space()
    let due = plan.due.map { due in
      due.at.map { ", due \(distance($0)) by \(due.reason)" } ?? ", \(due.reason)"
    }
    add("\(plan.path.printable) (job \(plan.job))\(due ?? "")", .bold)
    steps(plan, indent: 2)
  }

  private mutating func steps(_ plan: Wire.LogPlan, indent: Int) {
    if let refusal = plan.refusal { add("A rotation now: none, \(refusal)", .yellow, indent: indent) }
    let parts = [("A rotation now:", plan.now), ("When writers have let go, or in time:", plan.later)]
    for (heading, steps) in parts where !steps.isEmpty {
      add(heading, indent == 0 ? .bold : .plain, indent: indent)
      for (index, step) in steps.enumerated() {
        let bytes = step.bytes.map { ", \(ByteSize.describe($0))" } ?? ""
        // The words of a rename have its reason in them.
        let added = step.reason.flatMap { step.text.hasSuffix("(\($0))") ? nil : $0 }
        let reason = added.map { " (\($0)\(bytes))" } ?? bytes
        add("\(index + 1). \(step.text)\(reason)", step.action == .remove ? .yellow : .plain, indent: indent + 2)
      }
    }
  }

  /// `Written by nginx, process 812 of user 33`.
  private func words(_ holder: Wire.Holder) -> String {
    let name = holder.command ?? "a process"
    let process = holder.pid.map { ", process \($0)" + (holder.uid.map { " of user \($0)" } ?? "") } ?? ""
    return switch holder.role {
    case .writer: "Written by \(name)\(process)"
    case .reader: "Read by \(name)\(process)\(holder.unreadBytes.map { ", \(ByteSize.describe($0)) unread" } ?? "")"
    case .hook: "Waits for the notification '\(name)'"
    }
  }

  private static func words(_ standing: Wire.Standing) -> String {
    switch standing {
    case .log: "A log"
    case .archive: "An archive, which is not rotated itself"
    case .excluded: "Excluded by the config"
    case .unclaimed: "No job has it"
    case .missing: "There is no such file"
    case .symbolicLink: "A symbolic link, which is never followed"
    case .notRegular: "Not a regular file"
    case .retained: "A file of another program, which a job removes in time"
    }
  }
}
