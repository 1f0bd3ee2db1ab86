package import Config
package import Rotation
internal import Timekeeping

/// The scenario of a seed: jobs, logs and how the world treats them, drawn before time begins.
package struct Scenario {
  package static let logDirectory: FilePath = "/var/log/app"
  /// The directory on which another file system is mounted.
  package static let otherFileSystem: FilePath = "/mnt"
  package static let stateDirectory: FilePath = "/var/lib/rotated"

  package var configuration: Configuration
  /// Every log that a writer fills, with the index of its job.
  package var logs: [(path: FilePath, job: String)] = []
  package var refusesRenameFlags: Bool
  package var stepsClock: Bool
  package var hasFaults: Bool
  package var hasCrashes: Bool
  package var hasForeigners: Bool
  package var hasReloads: Bool
  /// Whether compressors fail and hang.
  package var hasBadChildren: Bool
  /// Whether a process opens archives by their names, and writes to them.
  package var hasRogues: Bool
  /// Logs whose writers never open them again, as long as their file has a name.
  package var stubborn: Set<FilePath> = []
  /// Whether commands fail and hang, and units and processes cannot be reached.
  var hasBadHooks = false
  /// How writers of jobs with hooks come to open their logs again.
  var manners: [FilePath: Manner] = [:]
  /// The size of the disk in bytes; nil for no limit.
  package var capacity: Int64?
  /// Whether events of watches are lost, and how many watches there may be.
  package var losesEvents: Bool
  package var watchLimit: Int

  package init(_ generator: inout SeededGenerator) {
    refusesRenameFlags = Int.random(in: 0..<4, using: &generator) == 0
    stepsClock = Int.random(in: 0..<3, using: &generator) == 0
    hasFaults = Bool.random(using: &generator)
    hasCrashes = Int.random(in: 0..<4, using: &generator) != 0
    hasForeigners = Int.random(in: 0..<4, using: &generator) == 0
    hasReloads = Bool.random(using: &generator)
    hasBadChildren = Bool.random(using: &generator)
    hasRogues = Bool.random(using: &generator)
    losesEvents = Int.random(in: 0..<3, using: &generator) == 0
    watchLimit = Int.random(in: 0..<40, using: &generator) == 0 ? Int.random(in: 0...3, using: &generator) : .max
    configuration = Configuration(jobs: [])
    let kinds = Int.random(in: 2...4, using: &generator)
    for number in 0..<kinds { add(number, &generator) }
    if Int.random(in: 0..<3, using: &generator) == 0, let log = logs.randomElement(using: &generator) {
      stubborn.insert(log.path)
    }
    for index in configuration.jobs.indices where Bool.random(using: &generator) {
      Self.drawRetention(&configuration.jobs[index].policy, &generator)
    }
    defer { drawHooks(&generator) }
    guard Int.random(in: 0..<3, using: &generator) == 0 else { return }
    capacity = Int64.random(in: 4000...30_000, using: &generator)
    configuration.daemon.warnFree = .basisPoints(Int.random(in: 2000...5000, using: &generator))
    if Bool.random(using: &generator) { configuration.daemon.keepFree = .basisPoints(3000) }
  }

  /// Whether the writer of a log notices itself that its log has gone from the name.
  func isWatchful(_ path: FilePath) -> Bool {
    !stubborn.contains(path) && (manners[path] ?? .watchful) == .watchful
  }

  /// Rules that remove archives which `keep` would keep.
  static func drawRetention(_ policy: inout Policy, _ generator: inout SeededGenerator) {
    policy.rules.keepMin = Int.random(in: 0...2, using: &generator)
    policy.rules.maxAge =
      [nil, .seconds(Int64.random(in: 3600...400_000, using: &generator))]
      .randomElement(using: &generator) ?? nil
    policy.rules.maxTotal =
      [nil, Int64.random(in: 200...4000, using: &generator)]
      .randomElement(using: &generator) ?? nil
  }

  private mutating func add(_ number: Int, _ generator: inout SeededGenerator) {
    let name = "job\(number)"
    var job = Job(name: name, logs: [], policy: Self.policy(&generator))
    let minute = Int64(60)
    switch (number + Int.random(in: 0..<2, using: &generator)) % 4 {
    case 0:
      let span =
        [47 * minute, 60 * minute, 6 * 60 * minute, 26 * 60 * minute].randomElement(using: &generator) ?? minute
      job.schedule = .interval(.seconds(span))
    case 1: job.sizeLimit = Self.sizeLimit(&generator)
    case 2: job.schedule = Self.calendar(&generator)
    default:
      job.schedule = Self.calendar(&generator)
      job.sizeLimit = Self.sizeLimit(&generator)
    }
    if Bool.random(using: &generator) {
      job.logs = [LogPattern("\(Self.logDirectory)/\(name)-*.log")]
      for index in 0..<Int.random(in: 1...3, using: &generator) {
        logs.append(("\(Self.logDirectory)/\(name)-\(index).log", name))
      }
    } else {
      job.logs = [LogPattern("\(Self.logDirectory)/\(name).log")]
      logs.append(("\(Self.logDirectory)/\(name).log", name))
    }
    Self.drawNames(&job, &generator)
    configuration.jobs.append(job)
  }

  /// The names and directories of archives: the defaults, for half of the jobs.
  private static func drawNames(_ job: inout Job, _ generator: inout SeededGenerator) {
    guard Bool.random(using: &generator) else { return }
    var rules = job.policy.rules
    if Bool.random(using: &generator) {
      rules.naming.style = .dated(.standard(for: job.schedule, sizeLimit: job.sizeLimit))
    }
    if Bool.random(using: &generator) { rules.naming.ending = .extension_ }
    let paths: [FilePath?] = [nil, "old", "\(otherFileSystem)/archives"]
    rules.archiveDirectory = paths.randomElement(using: &generator)?.map { ArchiveDirectory(path: $0) }
    job.policy.rules = rules
    // As a check of such a config suggests: otherwise the state decides which of these names are archives, and it is
    // lost at times.
    guard case .extension_ = rules.naming.ending else { return }
    job.exclude = ["\(job.name)-*.[0-9]*.log", "\(job.name)-*-[0-9][0-9][0-9][0-9]*.log"].map {
      LogPattern("\(logDirectory)/\($0)")
    }
  }

  private static func policy(_ generator: inout SeededGenerator) -> Policy {
    var policy = Policy(
      keep: Int.random(in: 0...4, using: &generator), rotatesEmpty: Int.random(in: 0..<4, using: &generator) == 0,
      creation: Int.random(in: 0..<3, using: &generator) == 0 ? .leftToWriter : .likeOldLog)
    if Int.random(in: 0..<3, using: &generator) == 0 {
      policy.rules.creation = .likeOldLog
      policy.rules.method = .truncate(by: TruncationMethod.choices.randomElement(using: &generator) ?? .auto)
    }
    policy.rules.compression = compression(&generator)
    return policy
  }

  /// None for a third of the jobs.
  static func compression(_ generator: inout SeededGenerator) -> Compression? {
    guard Int.random(in: 0..<3, using: &generator) != 0 else { return nil }
    let after = [0, 0, 3600, 7 * 3600].randomElement(using: &generator) ?? 0
    return Compression(
      command: ["gzip", "-c"], suffix: ".gz", after: .seconds(Int64(after)),
      from: Int.random(in: 1...2, using: &generator))
  }

  private static func sizeLimit(_ generator: inout SeededGenerator) -> SizeLimit {
    SizeLimit(
      bytes: Int64.random(in: 100...1500, using: &generator),
      check: [nil, nil, .seconds(600), .seconds(1800), .seconds(7200)].randomElement(using: &generator) ?? nil,
      minInterval: Int.random(in: 0..<4, using: &generator) == 0 ? .seconds(3600) : nil)
  }

  /// Due at least each day, with a delay in half of the cases.
  private static func calendar(_ generator: inout SeededGenerator) -> Schedule {
    let texts = ["hourly", "Mon..Fri 22:30", "Sat,Sun 06,18:15 Etc/UTC", "*-*-* 00/7:00"]
    var expressions = [CalendarExpression(daily: time(&generator))]
    if Bool.random(using: &generator), let text = texts.randomElement(using: &generator),
      let more = try? CalendarExpression.parse(text, zones: { _ in .utc })
    {
      expressions.append(more)
    }
    let delay = Bool.random(using: &generator) ? Int64.random(in: 0..<3600, using: &generator) : 0
    let name = expressions.map(\.description).joined(separator: "; ")
    return .calendar(CalendarSchedule(name: name, expressions, delay: .seconds(delay)))
  }

  private static func time(_ generator: inout SeededGenerator) -> TimeOfDay {
    TimeOfDay(
      hour: Int.random(in: 0..<24, using: &generator), minute: Int.random(in: 0..<60, using: &generator), second: 0)
  }
}
