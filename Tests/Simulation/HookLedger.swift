internal import Config
internal import Daemon
internal import Rotation
internal import Timekeeping

/// The notifications that the writers of rotated logs are owed, seen from outside of the daemon: from the moment at
/// which a log is moved away from its name until each hook of its job was sent with success.
///
/// Times are nanoseconds of the monotonic clock.
final class HookLedger {
  /// One rotation whose writers have to be notified.
  private struct Debt {
    var log: FilePath
    var inode: UInt64
    var time: Int64
    /// The sets of hooks of which one has to be sent for it. A reload and a restart may change them.
    var choices: [Set<Hook>]
    /// The hooks that were sent, and have succeeded, since the rotation.
    var notified: Set<Hook> = []
    /// When each hook was last sent since the daemon started.
    var tried: [Hook: Int64] = [:]
    /// Whether the log has its file again.
    var isUndone = false
    /// Whether the state could not be written: a restart may forget it.
    var isShaky: Bool
    /// Whether it may be forgotten.
    var isVoid = false

    var isSettled: Bool { choices.contains { $0.isSubset(of: notified) } }
    /// Whether all were sent since then, with or without success.
    func isTried(since time: Int64) -> Bool {
      choices.contains { $0.allSatisfy { notified.contains($0) || (tried[$0] ?? .min) >= time } }
    }
    func mayTell(_ hook: Hook) -> Bool { !notified.contains(hook) && choices.contains { $0.contains(hook) } }
  }

  /// A hook in progress, with the rotations that it is for.
  struct Round {
    fileprivate var hook: Hook
    fileprivate var debts: Set<Int>
    fileprivate var life: Int
    /// The number of rounds before it.
    fileprivate var number: Int
  }

  private static let minute: Int64 = 60_000_000_000
  /// The daemon holds a hook back, sends it and tries it again in less time than this.
  private static let patience = 15 * minute

  private var debts: [Int: Debt] = [:]
  private var debtCount = 0
  /// For each job, the hooks of the configs that may still be in force for a run of it.
  private var hooks: [String: [Set<Hook>]] = [:]
  private var hasBefore: Set<String> = []
  /// When the commands of `before` last succeeded, by job.
  private var prepared: [String: Int64] = [:]
  /// When each hook was last sent since the daemon started, and whether it succeeded.
  private var last: [Hook: (time: Int64, number: Int, succeeded: Bool)] = [:]
  /// When a look at all logs was last asked for.
  private var lookTime: Int64?
  /// For each log whose rotation was interrupted, the hooks that may be sent for it once more, when it is finished.
  /// This can take the daemon hours, and until then they may have been sent for another log.
  private var cutOff: [FilePath: Set<Hook>] = [:]
  /// When the last writer of a job closed an old file.
  private var letGo: [String: Int64] = [:]
  /// When all hooks for a log's last rotation were sent.
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
  /// The number of rotations that were notified of, so that a test can see that there were some.
  private(set) var settled = 0

  init(_ checker: Checker, logs: [(path: FilePath, job: String)], now: @escaping () -> Int64) {
    self.checker = checker
    self.logs = Dictionary(uniqueKeysWithValues: logs.map { ($0.path, $0.job) })
    self.now = now
  }

  // MARK: Configs

  /// The daemon is killed.
  func crash() {
    for debt in debts.values where debt.time == now() {
      cutOff[debt.log, default: []].formUnion(debt.choices.flatMap(\.self))
    }
  }

  /// The daemon starts: what is owed is sent by the config that it reads.
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

  /// The daemon reads its config, which may end a run in progress.
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

  /// What the state cannot record may be sent twice, or be forgotten.
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
      // A rotation is undone, or the undo is undone.
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
    // Under a config without hooks, which may still be in force for this run, nobody has to be notified.
    debts[debtCount] = Debt(
      log: log, inode: inode, time: now(), choices: choices,
      isShaky: now() - lastStateFault < 6 * 60 * Self.minute, isVoid: choices.count < configs.count)
  }

  /// Whether the old log still has its staging name.
  private func isHalfDone(_ debt: Debt) -> Bool {
    let (directory, name) = LogFinder.split(debt.log)
    return checker.disk.inode(of: "\(directory)/\(StagingName.of(name))") == debt.inode
  }

  /// The commands of `before` have ended.
  func notePrepared(_ job: String, succeeded: Bool) { prepared[job] = succeeded ? now() : nil }

  /// A foreigner has deleted a log. This ends a rotation of it that was begun and could not continue: its file has no
  /// name, and its writers are notified once, as after a crash after the removal of an archive.
  func noteDeleted(_ log: FilePath) {
    guard let job = logs[log] else { return }
    cutOff[log, default: []].formUnion((hooks[job] ?? []).flatMap(\.self))
  }

  // MARK: Hooks

  /// A look at all logs is asked for: a rotation that failed before succeeds by it perhaps, and is notified on its own, even if no time
  /// has passed.
  func noteLook() { lookTime = now() }

  /// A hook is sent.
  func begin(_ hook: Hook) -> Round {
    let open = debts.filter { $0.value.mayTell(hook) }
    roundCount += 1
    if let last = last[hook] {
      if last.time == now(), last.succeeded, lookTime != now() { checker.warn("\(hook) was told twice in one moment") }
      if open.isEmpty, last.succeeded, !mayRepeat(hook), !wasCutOff(hook) {
        checker.warn("\(hook) was told of nothing new")
      }
    }
    last[hook] = (now(), roundCount, false)
    // A half-done rotation is notified of when it has ended.
    let ended = Set(debts.filter { !isHalfDone($0.value) }.keys)
    for id in ended { debts[id]?.tried[hook] = now() }
    return Round(hook: hook, debts: ended, life: life, number: roundCount)
  }

  /// The hook has ended, with or without success.
  func end(_ round: Round, succeeded: Bool) {
    guard succeeded else { return }
    if life == round.life, last[round.hook]?.number == round.number { last[round.hook]?.succeeded = true }
    for id in round.debts where debts[id]?.notified.insert(round.hook).inserted == true {
      guard let debt = debts[id], debt.isSettled else { continue }
      settled += 1
      settledAt[debt.log] = now()
    }
    // Old debts that are paid and cannot be sent again do not matter, nor do hooks of a former config.
    let latest = now() - 4 * Self.patience
    debts = debts.filter { _, debt in
      !debt.isSettled || debt.time > latest && debt.choices.contains { !$0.isSubset(of: debt.notified) }
    }
  }

  /// Whether this hook still has to be sent for an interrupted rotation.
  private func wasCutOff(_ hook: Hook) -> Bool {
    let logs = cutOff.filter { $0.value.contains(hook) }.keys
    for log in logs { cutOff[log]?.remove(hook) }
    return !logs.isEmpty
  }

  /// A writer, or a rogue, closes an old file; a repeated notification may already be on its way.
  func noteLetGo(_ job: String) { letGo[job] = now() }

  /// Whether a hook may be sent again without a rotation: for writers that have not closed an archive, and for
  /// truncated logs.
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

  // MARK: Checking

  /// When the daemon has run undisturbed for a while, every hook was sent since the rotations that it is for, and
  /// recently if it has failed.
  func check(quietSince: Int64, isCalm: Bool) {
    let latest = now() - Self.patience
    guard lifeBegan < latest, quietSince < latest else { return }
    for (id, debt) in debts where !debt.isVoid && !debt.isUndone && debt.time < latest && !isHalfDone(debt) {
      if isCalm ? debt.isSettled : debt.isTried(since: latest) { continue }
      checker.warn("nobody was told that \(debt.log) was rotated at \(debt.time)")
      debts[id]?.isVoid = true
    }
  }

  /// Whether the writer of a log may have an old file open: nobody could know that it had to be notified, or it was
  /// just rotated.
  func excuses(_ log: FilePath) -> Bool {
    // A late writer takes up to ten minutes to react.
    if let time = settledAt[log], now() - time <= 10 * Self.minute { return true }
    return debts.values.contains { debt in
      debt.log == log && !debt.isSettled && (debt.isVoid || now() - debt.time < 60 * Self.minute)
    }
  }
}
