import Config
import EventLoop
import Rotation
import Timekeeping

// What is owed to writers when a life of the daemon begins, and after a reload.

extension Supervisor {
  /// Notifies the writers of every rotation that an earlier life has not notified, before any run of this one adds to them; the
  /// hooks wait for the runs that are due at the start. Where no job has a log any more, nobody knows its hooks: that is said.
  func notifyOwed() {
    recovered = []
    notify(state.owed.flatMap { path, inodes in inodes.map { (path, $0) } }, gathers: true)
  }

  /// The same for the logs of these jobs alone. Where a job has no hooks, the daemon, whose config may be another, decides.
  func notifyOwed(of runtimes: [JobRuntime]) {
    let names = Set(runtimes.filter { !$0.job.policy.hooks.isEmpty }.map(\.name))
    let owed = state.owed.filter { path, _ in registry.owner(of: path).map { names.contains($0.name) } ?? false }
    notify(owed.flatMap { path, inodes in inodes.map { (path, $0) } })
  }

  /// Notifies of the rotations that a reload has finished for jobs that are new.
  func notifyRecovered() {
    defer { recovered = [] }
    notify(recovered)
  }

  private func notify(_ owed: [(path: FilePath, inode: UInt64)], gathers: Bool = false) {
    guard !owed.isEmpty else { return }
    var byJob: [String: [RotatedLog]] = [:]
    var stray: [StateRecord] = []
    for (path, inode) in owed.sorted(by: { $0.path < $1.path }) {
      if let job = registry.owner(of: path)?.job, !job.policy.hooks.isEmpty {
        byJob[job.name, default: []].append(find(inode, of: path, job))
      } else {
        stray.append(.notified(log: path, inode: inode))
        platform.report(
          Report(
            .note, .warning,
            "\(path.printable) was rotated, and its writers were not notified: no job with `notify` has it now",
            log: path))
      }
    }
    state.record(stray)
    for (name, logs) in byJob.sorted(by: { $0.key < $1.key }) {
      guard let job = registry[name]?.job else { continue }
      if gathers { notifier.gather(job.policy.hooks) }
      runs.handOn(logs, job)
    }
  }

  /// A rotated log by the inode of its archive, which may have gone.
  private func find(_ inode: UInt64, of path: FilePath, _ job: Job) -> RotatedLog {
    let (parent, name) = LogFinder.split(path)
    let archive = housekeeper.reader.archive(of: inode, job.policy, name, in: parent)
    return RotatedLog(job: job.name, directory: parent, name: name, archive: archive ?? FilePath(name), inode: inode)
  }
}
