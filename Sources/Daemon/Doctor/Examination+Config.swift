internal import Control
package import Rotation

// What is wrong with the config on this machine.

extension Examination {
  /// Directories that are not there or cannot be looked into, patterns without logs, and rules that remove archives at once.
  func config() -> [Wire.Finding] {
    let names = Set(jobs.map(\.name))
    let doubts = dryRun.doubtsByJob(now: now).filter { names.contains($0.job) }.map {
      Wire.Finding(
        .warning, job: $0.job, $0.doubt, advice: "change the config, and see what `rotatectl plan \($0.job)` shows")
    }
    return doubts
      + failures.filter { ![.noEntry, .symbolicLink].contains($0.failure.errno) }.map {
        Wire.Finding(
          .error, job: $0.job, path: $0.failure.path, "cannot be looked into: \($0.failure.reason)",
          advice: "no log there is found until it can be read; run doctor as the user of the daemon")
      }
  }

  /// Symbolic links that are not followed, and logs that two paths lead to.
  func links() -> [Wire.Finding] {
    guard isWhole else { return [] }
    let found = dryRun.linkFindings()
    return found.refused.map {
      Wire.Finding(.error, $0, advice: "nothing behind the link is rotated: write the path that it leads to")
    }
      + found.doubled.map {
        Wire.Finding(.warning, $0, advice: "take one of the two paths out of the config")
      }
  }

  /// Files that a pattern matches and whose names are those of archives.
  func patterns() -> [Wire.Finding] {
    let names = Set(jobs.map(\.name))
    var byJob: [String: [SkippedName]] = [:]
    for (job, name) in dryRun.skipped() where names.contains(job) {
      if case .archive = name.reason { byJob[job, default: []].append(name) }
    }
    return byJob.sorted { $0.key < $1.key }.map { job, names in
      let count = names.count
      return Wire.Finding(
        .warning, job: job, path: names[0].path,
        "\(count == 1 ? "is" : "is one of \(count) files that are") matched by the patterns of the job and not rotated: \(names[0].reason)",
        advice: "if these are logs, give each another name or another job; if not, add them to `exclude`")
    }
  }

  /// Compressors and commands that are not installed.
  func programs() -> [Wire.Finding] {
    jobs.flatMap { job in
      let compressor = job.policy.compression?.command.first?.printable
      let missing = (job.policy.programs + [compressor].compactMap { $0 }).filter { !host.isInstalled($0) }
      return missing.map { program in
        let effect = program == compressor ? "archives stay uncompressed" : "the command fails each time"
        return Wire.Finding(
          .error, job: job.name, "the program '\(program.printable)' was not found: \(effect)",
          advice: "install it, or write its absolute path in the config")
      }
    }
  }
}

extension Policy {
  /// The programs of its commands, without those that a shell is to find.
  package var programs: [String] {
    var commands = before
    for hook in hooks {
      switch hook {
      case .run(let command, _), .script(let command, _): commands.append(command)
      case .reload, .signal, .pidFile: break
      }
    }
    return commands.compactMap {
      if case .program(let words) = $0 { words.first.map { String(decoding: $0.bytes, as: UTF8.self) } } else { nil }
    }
  }
}
