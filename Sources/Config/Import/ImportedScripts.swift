import Rotation

/// The scripts of a stanza as an administrator would write them in a TOML config. A script that only notifies a daemon
/// becomes that notification; one that runs once and uses no argument becomes a line for the shell; any other stays the
/// command that rotated makes of it.
struct ImportedScripts {
  let stanza: LogrotateStanza
  let job: Job

  /// Whether each script runs once, whatever number of logs was rotated.
  private var isOnce: Bool {
    stanza.settings.has(.sharedscripts) || job.logs.count == 1 && !job.logs[0].hasWildcard
  }

  /// The commands before a rotation.
  var before: [Command] {
    let scripts = [stanza.settings.scripts[.firstaction], stanza.settings.scripts[.prerotate]].compactMap(\.self)
    guard scripts.count == job.policy.before.count else { return job.policy.before }
    return zip(scripts, job.policy.before).map { script, command in
      line(of: script) ?? command
    }
  }

  /// What is notified after a rotation. A script becomes a command, whose exit code counts: TOML has nothing whose exit code is advice.
  var hooks: [Hook] {
    let scripts: [(isAction: Bool, script: LogrotateSettings.Script)] =
      (stanza.settings.scripts[.postrotate].map { [(false, $0)] } ?? [])
      + (stanza.settings.scripts[.lastaction].map { [(true, $0)] } ?? [])
    guard scripts.count == job.policy.hooks.count else {
      return job.policy.hooks.map { Self.command(of: $0) }
    }
    return zip(scripts, job.policy.hooks).map { entry, hook in
      if let notification = NotifyScript.hook(entry.script.body) { return notification }
      let command = Self.command(of: hook)
      guard case .run(_, let limit) = command, entry.isAction || isOnce, let line = line(of: entry.script) else {
        return command
      }
      return .run(line, limit: limit)
    }
  }

  private static func command(of hook: Hook) -> Hook {
    guard case .script(let command, let limit) = hook else { return hook }
    return .run(command, limit: limit)
  }

  /// A script as a line for the shell, without empty lines around it; nil for one that may use arguments.
  private func line(of script: LogrotateSettings.Script) -> Command? {
    let isBlank = { (byte: UInt8) in byte == .newline || byte.isLogrotateBlank }
    var body = script.body[...]
    body = body.drop(while: isBlank)
    while let last = body.last, isBlank(last) { body = body.dropLast() }
    // A line end after a backslash has a meaning.
    guard !body.isEmpty, body.last != UInt8(ascii: "\\"), !usesArguments(script.body) else { return nil }
    return .shell(ExactText(bytes: Array(body)))
  }

  /// Whether a script may use its arguments or its name: `$1`, `$@`, `${1}`, `shift`.
  private func usesArguments(_ body: [UInt8]) -> Bool {
    let arguments = "0123456789@*#".utf8
    let isUsed = body.indices.contains { index in
      guard body[index] == UInt8(ascii: "$"), index + 1 < body.count else { return false }
      let next = body[index + 1] == UInt8(ascii: "{") && index + 2 < body.count ? body[index + 2] : body[index + 1]
      return arguments.contains(next)
    }
    let words = body.split { !$0.isLetter && $0 != UInt8(ascii: "_") }
    // `for x; do` goes over the arguments, too.
    return isUsed
      || words.contains { word in
        ["shift", "getopts", "for", "logrotate_script"].contains { word.elementsEqual($0.utf8) }
          && !(word.elementsEqual("for".utf8) && words.contains { $0.elementsEqual("in".utf8) })
      }
  }
}
