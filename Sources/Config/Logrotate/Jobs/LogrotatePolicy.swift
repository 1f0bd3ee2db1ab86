import Rotation
import Timekeeping

/// What a stanza says of a rotation, and of when logs are due.
struct LogrotatePolicy {
  let settings: LogrotateSettings
  /// That of the stanza.
  let place: Position
  let logs: [LogPattern]
  let findings: Findings
  let accounts: AccountCache
  let programs: (String) -> Bool
  let schedules: LogrotateSchedules

  /// When logs are due by time.
  var schedule: Schedule? { schedules.schedule(settings.criterion) }

  /// Whether a log is only copied, and stays as it is.
  private var copies: Bool { settings.has(.copy) && !settings.has(.copytruncate) }

  /// The size at which a log is due whatever the time: `size`, and what is above `maxsize`.
  var sizeLimit: SizeLimit? {
    var bytes: Int64?
    if case .size(let size) = settings.criterion { bytes = size }
    if let most = settings.maxSize, most > 0 { bytes = min(bytes ?? .max, most == .max ? most : most + 1) }
    // A limit below a block would rotate a log with each line: logrotate looks once a day, or once an hour. A log that is copied
    // stays as large as it is.
    return bytes.map {
      SizeLimit(
        bytes: max(1, $0), check: nil,
        minInterval: copies ? .seconds(86_400) : $0 < Limits.leastWatchedSize ? .seconds(3600) : nil)
    }
  }

  /// What a rotation does, without the scripts; nil where the stanza cannot be used.
  func rules() -> Policy.Rules? {
    var rules = Policy.Rules(keep: keep())
    rules.rotatesEmpty = settings.has(.ifempty)
    rules.takesHardLinks = settings.has(.allowhardlink)
    rules.method = settings.has(.copytruncate) ? .truncate(by: .auto) : copies ? .copy : .move
    if settings.has(.create), rules.method == .move {
      let (mode, user, group) = attributes(settings.creation, of: .create)
      rules.creation = .create(mode: mode, user: user, group: group)
      rules.creationNames = OwnerNames(user: settings.creation.user, group: settings.creation.group)
    } else {
      rules.creation = .leftToWriter
    }
    if schedule != nil { conditions(&rules) }
    // A day is 24 hours, as in logrotate 3.21.
    if let days = settings.maxAge, days > 0 { rules.maxAgeAtRotation = .seconds(86_400 * days) }
    guard names(&rules), compression(&rules) else { return nil }
    return rules
  }

  private func conditions(_ rules: inout Policy.Rules) {
    if let least = settings.minSize, least > 0 { rules.minSize = least }
    if let days = settings.minAge, days > 0 { rules.minAge = .seconds(86_400 * days) }
    if settings.criterion == .weekly(7) { rules.minAge = max(rules.minAge ?? .zero, .seconds(7 * 86_400)) }
  }

  // MARK: What is kept

  private func keep() -> Int {
    let most = settings.has(.dateext) ? Int(Int32.max) : Limits.maxKeep
    guard let count = settings.rotate else {
      findings.warning(
        "no `rotate` is in force: each rotation removes the content of the log", at: place,
        hint: "write `rotate 4` in the stanza, or before it")
      return 0
    }
    guard count < 0 || count > most else { return Int(count) }
    if !settings.has(.dateext) {
      findings.warning(
        "numbered archives are kept up to number \(most); a rotation removes the one after it", at: place,
        hint: "write `dateext` to keep more")
    }
    return most
  }

  // MARK: Owners

  /// The ids of a mode, a user and a group. What this system does not have is reported, and taken from the old log.
  private func attributes(
    _ attributes: LogrotateAttributes, of directive: LogrotateDirective
  ) -> (mode: UInt32?, user: UInt32?, group: UInt32?) {
    func id(_ name: String?, _ kind: String, _ lookUp: (String) -> UInt32?) -> UInt32? {
      guard let name else { return nil }
      if let id = lookUp(name) { return id }
      if name.utf8.allSatisfy(\.isDigit), let id = UInt32(name), id != .max { return id }
      let model = directive == .create ? "the old log" : "the log's directory"
      findings.warning(
        "there is no \(kind) \(Wording.quoted(name)) on this system: until there is, `\(directive.rawValue)` takes that of \(model)",
        at: settings.places[directive] ?? place)
      return nil
    }
    let mode = attributes.mode.map { $0 & Limits.maxMode }
    if let mode, mode != attributes.mode {
      findings.warning(
        "`\(directive.rawValue)` has a mode above 0777: 0\(String(mode, radix: 8)) is used",
        at: settings.places[directive] ?? place)
    }
    return (mode, id(attributes.user, "user", accounts.user), id(attributes.group, "group", accounts.group))
  }

  // MARK: Names and places of archives

  private func names(_ rules: inout Policy.Rules) -> Bool {
    if settings.has(.dateext) {
      rules.naming.style = .dated(dateFormat())
      let isHourAgo = settings.has(.datehourago)
      if isHourAgo { rules.dating = .hourAgo }
      // Noon, as in logrotate, and with both an hour before that.
      if settings.has(.dateyesterday) { rules.dating = .yesterday(hour: isHourAgo ? 11 : 12) }
    } else {
      rules.naming.first = first()
    }
    if let ending = settings.ending, isSound(ending: ending, .extension) {
      rules.naming.ending = .suffix(ExactText(bytes: ending))
    }
    if let ending = settings.addedEnding, isSound(ending: ending, .addextension) {
      if logs.allSatisfy({ $0.text.bytes.suffix(ending.count).elementsEqual(ending) }) {
        rules.naming.ending = .suffix(ExactText(bytes: ending))
      } else {
        findings.warning(
          "`addextension` has no effect: not every log of the stanza ends with \(Wording.quoted(FilePath(bytes: ending)))",
          at: settings.places[.addextension] ?? place)
      }
    }
    guard let path = settings.oldDirectory else { return true }
    guard let directory = Self.directory(path) else {
      findings.error(
        "`olddir` is \(Wording.quoted(FilePath(bytes: path))); expected an absolute path or one from the log's directory, "
          + "without `..`; the stanza is not used", at: settings.places[.olddir] ?? place)
      return false
    }
    guard directory != "." else { return true }
    let (mode, user, group) = attributes(settings.oldDirectoryCreation, of: .createolddir)
    rules.archiveDirectory = ArchiveDirectory(path: directory, mode: mode, user: user, group: group)
    return true
  }

  /// The number of the newest archive.
  private func first() -> Int {
    let most = Limits.maxFirstNumber
    guard settings.start > most else { return Int(settings.start) }
    findings.warning(
      "`start` is \(settings.start): archives are numbered from \(most)", at: settings.places[.start] ?? place)
    return most
  }

  private func isSound(ending: [UInt8], _ directive: LogrotateDirective) -> Bool {
    let text = String(decoding: ending, as: UTF8.self)
    let isSound =
      ending.first == UInt8(ascii: ".") && ending.dropFirst().contains { !$0.isDigit }
      && !ending.contains(UInt8(ascii: "/")) && ending.count < Limits.maxNameBytes
      && !ArchiveNaming.standardSuffixes.contains(text)
    if !isSound {
      findings.warning(
        "`\(directive.rawValue)` is \(Wording.quoted(text)), which has no effect; expected a file extension with its dot",
        at: settings.places[directive] ?? place)
    }
    return isSound
  }

  /// The path of a directory without empty components; nil for one with `..`.
  private static func directory(_ path: [UInt8]) -> FilePath? {
    let parts = path.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
    let isSound = parts.allSatisfy { !$0.elementsEqual("..".utf8) && $0.count <= Limits.maxNameBytes }
    guard isSound, path.count <= Limits.maxPathBytes else { return nil }
    let joined = Array(parts.joined(separator: [UInt8(ascii: "/")]))
    let isAbsolute = path.first == UInt8(ascii: "/")
    if joined.isEmpty { return isAbsolute ? nil : "." }
    return FilePath(bytes: (isAbsolute ? [UInt8(ascii: "/")] : []) + joined)
  }

  private func dateFormat() -> DateFormat {
    let standard =
      switch settings.criterion {
      case .hourly: "-%Y%m%d%H"
      case .minutes: "-%Y%m%d%H%M"
      default: "-%Y%m%d"
      }
    guard let bytes = settings.dateFormat else { return DateFormat(text: standard) }
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(DateFormatError) {
      return try DateFormat.parse(text)
    } catch {
      findings.warning(
        "`dateformat` is \(Wording.quoted(text)): \(error.reason); archives are named by \(Wording.quoted(standard)), and those "
          + "that logrotate has made are not removed", at: settings.places[.dateformat] ?? place)
      return DateFormat(text: standard)
    }
  }

  // MARK: Compression

  private func compression(_ rules: inout Policy.Rules) -> Bool {
    guard settings.has(.compress) else { return true }
    guard let compression = LogrotateCompressors.compression(settings) else {
      findings.warning(
        "`compress` has no effect: it needs a program in the path or an absolute one, and a `compressext` of a dot and letters",
        at: settings.places[.compressext] ?? settings.places[.compresscmd] ?? place)
      return true
    }
    let program = compression.command[0].printable
    if !programs(program) {
      findings.warning(
        "the program \(Wording.code(program)) is not installed: archives stay uncompressed until it is",
        at: settings.places[.compresscmd] ?? settings.places[.compress] ?? place)
    }
    rules.compression = compression
    return true
  }
}
