internal import Control
internal import Rotation

// What is wrong with logs, and who else deals with them.

extension Examination {
  /// Logs that chattr(1) has made unchangeable.
  func flags() -> [Wire.Finding] {
    logs.compactMap { log in
      guard let flag = log.facts?.flag, log.job.policy.method != .copy else { return nil }
      let (word, letter) = flag == .immutable ? ("immutable", "i") : ("append-only", "a")
      return Wire.Finding(
        .error, job: log.job.name, path: log.path, "the log is \(word), and cannot be renamed or truncated",
        advice: "chattr -\(letter) \(Shell.quoted(log.path))")
    }
  }

  /// Logs that are truncated, and whose writers keep an offset of their own.
  func appending() -> [Wire.Finding] {
    logs.compactMap { log in
      guard log.job.policy.method.cutsLog, let facts = log.facts, facts.offsetWriters == .some else { return nil }
      let who = facts.writers.isEmpty ? "a process" : facts.writers.joined(separator: ", ")
      return Wire.Finding(
        .warning, job: log.job.name, path: log.path,
        "\(who) writes to it without O_APPEND: after a truncation the log has a hole at its head, of the size that it had",
        advice: "have the writer append (`>>` in a shell), or have it reopen its log and rotate without `truncate`")
    }
  }

  /// Programs that rotate the same logs.
  func rotators() -> [Wire.Finding] {
    var found: [Wire.Finding] = []
    for file in host.logrotateRunner == nil ? [] : host.logrotate {
      let both = logs.compactMap { log in file.line(naming: log.path).map { (log, $0) } }
      guard let (log, line) = both.first else { continue }
      let more = both.count > 1 ? " and \(both.count - 1) more of these logs" : ""
      found.append(
        Wire.Finding(
          .error, job: log.job.name, path: log.path,
          "logrotate (\(host.logrotateRunner ?? "")) rotates it\(more), too: \(file.path.printable):\(line)",
          advice: "remove the log from \(file.path.printable), or from the config of rotated"))
    }
    for (number, daemon) in host.daemons.enumerated() {
      for other in host.daemons[..<number] {
        let both = logs.filter { daemon.logs.contains($0.path) && other.logs.contains($0.path) }
        guard let log = both.first else { continue }
        let more = both.count > 1 ? " and \(both.count - 1) more of these logs" : ""
        found.append(
          Wire.Finding(
            .error, job: log.job.name, path: log.path,
            "two daemons have it\(more): \(other.name.printable) and \(daemon.name.printable)",
            advice: "remove the log from the config of one of them"))
      }
    }
    return found
  }

  /// Lines of tmpfiles.d(5) that remove logs or archives.
  func tmpfiles() -> [Wire.Finding] {
    let kept = host.tmpfiles.filter { $0.effect == .keeps }
    return host.tmpfiles.compactMap { rule in
      guard rule.effect != .keeps else { return nil }
      let hit = logs.first { log in
        let archive = log.archives.appending(FileName(bytes: log.path.split.name.bytes + Array(".1".utf8)))
        return rule.concerns(archive) && !kept.contains { $0.concerns(archive) }
      }
      guard let hit else { return nil }
      let place = "\(rule.file.printable):\(rule.line)"
      let what =
        if case .ages(let age) = rule.effect { "removes what was not used for \(age.printable)" } else {
          "removes it at the start of the system"
        }
      return Wire.Finding(
        .warning, job: hit.job.name, path: hit.archives,
        "systemd-tmpfiles \(what), archives of rotated with it: \(place)",
        advice: "remove the line (copy the file to /etc/tmpfiles.d first), or add `x \(hit.archives.printable)` there")
    }
  }

  /// Whether there are enough inotify watches for all logs.
  func watches() -> [Wire.Finding] {
    guard isWhole, let limits = host.inotify else { return [] }
    var found: [Wire.Finding] = []
    // A log has at most one watch for its size, an archive one while its writer is awaited, a directory one for new names.
    let needed = Int64(logs.count * 2 + places.count + 2)
    if limits.watches < needed {
      let wanted = max(8192, needed * 2)
      found.append(
        Wire.Finding(
          .warning,
          "\(logs.count) logs may need \(needed) inotify watches, and a user has \(limits.watches): beyond them rotated looks at sizes every 10 s",
          advice: "echo fs.inotify.max_user_watches=\(wanted) > /etc/sysctl.d/rotated.conf && sysctl --system"))
    }
    // For sizes, for archives and for the time zone.
    if limits.instances < 3 {
      found.append(
        Wire.Finding(
          .warning, "rotated needs 3 inotify instances, and a user has \(limits.instances)",
          advice: "echo fs.inotify.max_user_instances=128 > /etc/sysctl.d/rotated.conf && sysctl --system"))
    }
    return found
  }
}
