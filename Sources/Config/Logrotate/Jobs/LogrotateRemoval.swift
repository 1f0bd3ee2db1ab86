import Rotation

/// What a stanza wants done with an archive before it is removed, and to whom logs are mailed that were just rotated.
struct LogrotateRemoval {
  let settings: LogrotateSettings
  /// The program that mails.
  let mailer: ExactText
  let findings: Findings
  let programs: (String) -> Bool

  /// In the order of logrotate: the mail, then the script, then the overwriting.
  func tasks() -> [RemovalTask] {
    var tasks: [RemovalTask] = []
    if let mail, firstMail == nil { tasks.append(.mail(mail, limit: Limits.mailLimit)) }
    if let script = settings.scripts[.preremove] {
      let command = Command.program(["/bin/sh", "-c", ExactText(bytes: script.body), "logrotate_script"])
      tasks.append(.script(command, limit: Limits.scriptLimit))
    }
    if settings.has(.shred) { tasks.append(.overwrite(cycles: settings.shredCycles.flatMap { $0 > 0 ? $0 : nil })) }
    if let place = settings.places[.mail], mail != nil, !programs(mailer.printable) {
      findings.warning(
        "the program \(Wording.code(mailer.printable)) is not installed: until it is, no archive is removed that is to be mailed",
        at: place)
    }
    if let place = settings.places[.shred], settings.has(.shred), !programs("shred") {
      findings.warning("the program `shred` is not installed: until it is, nothing is overwritten", at: place)
    }
    return tasks
  }

  /// With `mailfirst`, to whom a log is mailed that was just rotated. With `rotate 0` it is the archive that is removed, and mailed
  /// before that.
  var firstMail: Mail? { settings.has(.mailfirst) && settings.rotate ?? 0 != 0 ? mail : nil }

  private var mail: Mail? {
    guard settings.places[.mail] != nil, let address = settings.address else { return nil }
    return Mail(
      program: mailer, address: ExactText(bytes: address),
      uncompressor: settings.uncompressor.map { ExactText(bytes: $0) })
  }

  /// A script that mails the archive in $2 of the log in $1. One that is gone needs no mail any more.
  var firstScript: ExactText? {
    guard let mail = firstMail else { return nil }
    let compression = settings.has(.compress) ? LogrotateCompressors.compression(settings) : nil
    // logrotate names the log itself where it has uncompressed an archive.
    let subject = compression != nil && !settings.has(.delaycompress) ? "$1" : "$2"
    let choice: ExactText =
      compression.map { "case $2 in *\($0.suffix)) uncompress=\(quoted(mail.uncompressor(of: $0.suffix)));; esac\n" }
      ?? ""
    let (program, address) = (quoted(mail.program), quoted(mail.address))
    return """
      [ -e "$2" ] || exit 0
      uncompress=
      \(choice)exec <"$2"
      [ -n "$uncompress" ] || exec \(program) -s "\(subject)" \(address)
      exec /bin/sh -c '\(Mail.uncompressing)' mail \(program) "\(subject)" \(address) "$uncompress"
      """
  }

  /// A word of the shell.
  private func quoted(_ word: ExactText) -> ExactText {
    let quote = UInt8(ascii: "'")
    return ExactText(bytes: [quote] + word.bytes.flatMap { $0 == quote ? Array("'\\''".utf8) : [$0] } + [quote])
  }
}
