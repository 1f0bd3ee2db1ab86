import Rotation

/// The scripts of a stanza as commands. Each gets what logrotate gives it: `sh -c BODY logrotate_script`, then the log and its
/// archive, or the names of the stanza where it runs once for all.
struct LogrotateScripts {
  let stanza: LogrotateStanza
  let logs: [LogPattern]
  /// The script that mails each log that was rotated.
  let mail: ExactText?
  let findings: Findings

  /// Runs the script in $1 once for each log that was rotated, with the log and its archive; exits with the first code that is
  /// not 0. A name with a line end in it is not among those that a hook gets.
  private static let eachLog = """
    code=0
    while IFS= read -r log <&3 && IFS= read -r archive <&4; do
      [ -n "$log" ] || continue
      /bin/sh -c "$1" logrotate_script "$log" "$archive" 3<&- 4<&- || { last=$?; [ $code -ne 0 ] || code=$last; }
    done 3<<LOGS 4<<ARCHIVES
    $ROTATED_LOG
    LOGS
    $ROTATED_ARCHIVE
    ARCHIVES
    exit $code
    """

  private var isShared: Bool { stanza.settings.has(.sharedscripts) }

  /// What runs before the logs are rotated: `firstaction`, then `prerotate`.
  func before() -> [Command] {
    var commands: [Command] = []
    if let script = stanza.settings.scripts[.firstaction] { commands.append(once(script, stanza.text)) }
    guard let script = stanza.settings.scripts[.prerotate] else { return commands }
    if isShared {
      commands.append(once(script, stanza.text))
    } else {
      if logs.count > 1 || logs.contains(where: \.hasWildcard) {
        findings.warning(
          "`prerotate` runs before the first of the logs that are due, once with each name of the stanza in $1",
          at: script.place, hint: "logrotate runs it once for each log; write `sharedscripts` if once is enough")
      }
      commands += logs.map { once(script, $0.text.bytes) }
    }
    return commands
  }

  /// What runs after logs were rotated: `postrotate`, the mail, then `lastaction`.
  func after() -> [Hook] {
    var hooks: [Hook] = []
    if let script = stanza.settings.scripts[.postrotate] {
      let command = isShared ? once(script, stanza.text) : forEach(script.body)
      hooks.append(.script(command, limit: Limits.scriptLimit))
    }
    if let mail { hooks.append(.run(forEach(mail.bytes), limit: Limits.scriptLimit)) }
    if let script = stanza.settings.scripts[.lastaction] {
      hooks.append(.script(once(script, stanza.text), limit: Limits.scriptLimit))
    }
    return hooks
  }

  private func once(_ script: LogrotateSettings.Script, _ argument: [UInt8]) -> Command {
    .program(["/bin/sh", "-c", ExactText(bytes: script.body), "logrotate_script", ExactText(bytes: argument)])
  }

  private func forEach(_ body: [UInt8]) -> Command {
    .program(["/bin/sh", "-c", ExactText(Self.eachLog), "rotated", ExactText(bytes: body)])
  }
}
