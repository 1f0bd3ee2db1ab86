internal import Config
internal import Daemon
internal import Rotation
internal import Timekeeping

/// What the writers of rotated logs are owed, seen from outside of the daemon: from the moment a log is taken away from its
/// name until each notice of its job was told with success.
///
/// Times are nanoseconds of the monotonic clock.
final class HookLedger {
  /// One rotation whose writers are to be told.
  private struct Debt {
    var log: FilePath
    var inode: UInt64
    var time: Int64
    /// The notices that may be told of it; one of these sets has to be. A reload and a restart may change them.
    var choices: [Set<Hook>]
    /// Those that were sent, and have succeeded, since the rotation.
    var notified: Set<Hook> = []
    /// When each was sent last in this life of the daemon.
    var tried: [Hook: Int64] = [:]
    /// The log has its file again.
    var isUndone = false
    /// The state could not be written: a restart may forget it.
    var isShaky: Bool
    /// It may be forgotten.
    var isVoid = false

    var isSettled: Bool { choices.contains { $0.isSubset(of: notified) } }
    /// Whether all were sent since then, or told.
    func isTried(since time: Int64) -> Bool {
      choices.contains { $0.allSatisfy { notified.contains($0) || (tried[$0] ?? .min) >= time } }
    }
    func mayTell(_ hook: Hook) -> Bool { !notified.contains(hook) && choices.contains { $0.contains(hook) } }
  }

  /// A notice on its way, with the rotations that it tells of.
  struct Round {
    fileprivate var hook: Hook
    fileprivate var debts: Set<Int>
    fileprivate var life: Int
    /// How many rounds there were.
    fileprivate var number: Int
  }

  private static let minute: Int64 = 60_000_000_000
  /// A notice is held back, tried and tried again in less.
  private static let patience = 15 * minute

  private var debts: [Int: Debt] = [:]
  private var debtCount = 0
  /// Of each job, the notices of the configs that may still be in force for a run of it.
  private var hooks: [String: [Set<Hook>]] = [:]
  private var hasBefore: Set<String> = []
  /// When the commands of `before` have last succeeded, by job.
  private var prepared: [String: Int64] = [:]
  /// When each notice was sent last in this life, and whether it has succeeded.
  private var last: [Hook: (time: Int64, number: Int, succeeded: Bool)] = [:]
  /// By log whose rotation was cut off, the notices that may be told of it once more: when what is left of it is done, which
  /// can take the daemon hours, and until then they may have been told of another log.
  private var cutOff: [FilePath: Set<Hook>] = [:]
  /// When the last writer of a job has let go of an old file.
  private var letGo: [String: Int64] = [:]
  /// When all who were to be told of a log's last rotation had been.
  private var settledAt: [FilePath: Int64] = [:]
  private var life = 0
  private var lifeBegan: Int64 = 0
  private var roundCount = 0
  private var lastStateFault = -7 * 60 * minute
  private let logs: [FilePath: String]
  private unowned let checker: Checker
  private let now: () -> Int64
  /// The inode that has a log's name right before a call of the daemon.
  private var live: UInt64?
  /// Rotations that were told of, so that a test can see that there were some.
  private(set) var settled = 0

  init(_ checker: Checker, logs: [(path: FilePath, job: String)], now: @escaping () -> Int64) {
    self.checker = checker
    self.logs = Dictionary(uniqueKeysWithValues: logs.map { ($0.path, $0.job) })
    self.now = now
  }

  // MARK: What the config says

  /// The daemon is killed.
  func crash() {
    for debt in debts.values where debt.time == now() {
      cutOff[debt.log, default: []].formUnion(debt.choices.flatMap(\.self))
    }
  }

  /// The daemon starts: what is owed is told by the config that it reads.
  func restart(_ configuration: Configuration) {
    life += 1
    lifeBegan = now()
    last = [:]
    prepared = [:]
    for id in debts.keys {
      debts[id]?.tried = [:]
      if debts[id]?.isShaky == true { debts[id]?.isVoid = true }
    }
    adopt(configuration, keeping: 1) { _ in true }
  }

  /// The daemon reads its config: a rotation that is under way may end by it.
  func reload(_ configuration: Configuration, keeping former: Int) {
    adopt(configuration, keeping: former) { [self] debt in now() - debt.time < Self.patience || isHalfDone(debt) }
  }

  private func adopt(_ configuration: Configuration, keeping former: Int, _ concerns: (Debt) -> Bool) {
    for job in configuration.jobs {
      let wanted = Set(job.policy.hooks)
      hooks[job.name] = Array((hooks[job.name] ?? []).suffix(former)) + [wanted]
      if !job.policy.before.isEmpty { hasBefore.insert(job.name) }
      for (id, debt) in debts where logs[debt.log] == job.name && concerns(debt) {
        debts[id]?.choices.append(wanted)
      }
    }
  }

  /// What the state cannot take down may be told twice, or be forgotten.
  func noteStateFault() {
    lastStateFault = now()
    for id in debts.keys {
      debts[id]?.isShaky = true
      if now() - lifeBegan < Self.minute { debts[id]?.isVoid = true }
    }
  }

  // MARK: What the daemon does on the disk

  func beforeCall(_ directory: FilePath, _ name: FileName) {
    guard directory == Scenario.logDirectory else { return }
    live = checker.disk.inode(of: "\(directory)/\(name)")
  }

  func afterChange(_ call: SimulatedFileSystem.Call, _ directory: FilePath, _ name: FileName) {
    guard directory == Scenario.logDirectory else { return }
    let path = directory.appending(name)
    switch call {
    // Archives move up by exchanges with the staging name.
    case .exchange where StagingName.log(of: name) != nil: break
    case .exchange where logs[path] == nil:
      // A rotation is undone, or that is taken back.
      for (id, debt) in debts { debts[id]?.isUndone = checker.disk.inode(of: debt.log) == debt.inode }
    case .exchange, .replace, .rename, .remove:
      if let job = logs[path], let inode = live { noteTaken(path, job, inode) }
    default: break
    }
  }

  private func noteTaken(_ log: FilePath, _ job: String, _ inode: UInt64) {
    if hasBefore.contains(job), prepared[job] != now(), now() != lifeBegan {
      checker.warn("\(log) was rotated, and nothing had run before it")
    }
    let configs = hooks[job] ?? []
    let choices = configs.filter { !$0.isEmpty }
    guard !choices.isEmpty else { return }
    debtCount += 1
    // Under a config without notices, which may still be in force for this run, nobody has to be told.
    debts[debtCount] = Debt(
      log: log, inode: inode, time: now(), choices: choices,
      isShaky: now() - lastStateFault < 6 * 60 * Self.minute, isVoid: choices.count < configs.count)
  }

  /// Whether the old log still has its staging name.
  private func isHalfDone(_ debt: Debt) -> Bool {
    let (directory, name) = LogFinder.split(debt.log)
    return checker.disk.inode(of: "\(directory)/\(StagingName.of(name))") == debt.inode
  }

  /// The commands of `before` have come to their end.
  func notePrepared(_ job: String, succeeded: Bool) { prepared[job] = succeeded ? now() : nil }

  /// A foreigner has deleted a log. A rotation of it that was begun and could not go on is over by that: its file has no name,
  /// and its writers are told once, as after a crash that came when an archive was removed already.
  func noteDeleted(_ log: FilePath) {
    guard let job = logs[log] else { return }
    cutOff[log, default: []].formUnion((hooks[job] ?? []).flatMap(\.self))
  }

  // MARK: Notices

  /// A notice is sent.
  func begin(_ hook: Hook) -> Round {
    let open = debts.filter { $0.value.mayTell(hook) }
    roundCount += 1
    if let last = last[hook] {
      if last.time == now(), last.succeeded { checker.warn("\(hook) was told twice in one moment") }
      if open.isEmpty, last.succeeded, !mayRepeat(hook), !wasCutOff(hook) {
        checker.warn("\(hook) was told of nothing new")
      }
    }
    last[hook] = (now(), roundCount, false)
    // A rotation that is half done is told of when it has come to its end.
    let ended = Set(debts.filter { !isHalfDone($0.value) }.keys)
    for id in ended { debts[id]?.tried[hook] = now() }
    return Round(hook: hook, debts: ended, life: life, number: roundCount)
  }

  /// It was told, or not.
  func end(_ round: Round, succeeded: Bool) {
    guard succeeded else { return }
    if life == round.life, last[round.hook]?.number == round.number { last[round.hook]?.succeeded = true }
    for id in round.debts where debts[id]?.notified.insert(round.hook).inserted == true {
      guard let debt = debts[id], debt.isSettled else { continue }
      settled += 1
      settledAt[debt.log] = now()
    }
    // What is settled and can be told no more is of no interest; nor what a former config would have told besides.
    let latest = now() - 4 * Self.patience
    debts = debts.filter { _, debt in
      !debt.isSettled || debt.time > latest && debt.choices.contains { !$0.isSubset(of: debt.notified) }
    }
  }

  /// Whether a rotation that was cut off is still to be told of, by this notice.
  private func wasCutOff(_ hook: Hook) -> Bool {
    let logs = cutOff.filter { $0.value.contains(hook) }.keys
    for log in logs { cutOff[log]?.remove(hook) }
    return !logs.isEmpty
  }

  /// A writer, or a rogue, closes an old file; that it is to be told again may have been said already.
  func noteLetGo(_ job: String) { letGo[job] = now() }

  /// Whether a notice may be told again without a rotation: to writers that hold on, and of logs that are cut.
  private func mayRepeat(_ hook: Hook) -> Bool {
    let jobs = Set(hooks.filter { $0.value.contains { $0.contains(hook) } }.keys)
    return jobs.contains { checker.truncates($0) || now() - (letGo[$0] ?? .min / 2) < Self.patience }
      || checker.files.contains { directory, name, inode in
        guard checker.disk.isOpenForWriting(inode), let archive = checker.archive(name, in: directory) else {
          return false
        }
        return jobs.contains(archive.job)
      }
  }

  // MARK: Looking

  /// In a daemon that has run undisturbed for a while, every notice was sent since what it is to tell of, and not long ago if
  /// it has failed.
  func check(quietSince: Int64, isCalm: Bool) {
    let latest = now() - Self.patience
    guard lifeBegan < latest, quietSince < latest else { return }
    for (id, debt) in debts where !debt.isVoid && !debt.isUndone && debt.time < latest && !isHalfDone(debt) {
      if isCalm ? debt.isSettled : debt.isTried(since: latest) { continue }
      checker.warn("nobody was told that \(debt.log) was rotated at \(debt.time)")
      debts[id]?.isVoid = true
    }
  }

  /// Whether the writer of a log may hold an old file: nobody could know that it was to be told, or it was just rotated.
  func excuses(_ log: FilePath) -> Bool {
    // A late writer takes up to ten minutes to do what it was told.
    if let time = settledAt[log], now() - time <= 10 * Self.minute { return true }
    return debts.values.contains { debt in
      debt.log == log && !debt.isSettled && (debt.isVoid || now() - debt.time < 60 * Self.minute)
    }
  }
}
