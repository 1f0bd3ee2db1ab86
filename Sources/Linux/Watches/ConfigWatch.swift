package import Config
package import Daemon
package import EventLoop
internal import Glibc
package import Rotation
internal import Timekeeping

/// Sees that the files of the config have changed, by watches on their directories (inotify(7)): editors and tools replace a file
/// by renaming another to its name, and a Kubernetes ConfigMap is a symbolic link that is replaced.
///
/// Changes are taken in after a second of quiet, or after ten seconds without: several files that are installed one after the other
/// are one change. What matters is the text: a directory that changes for another reason causes no reload.
package final class ConfigWatch {
  private static let changes = [
    IN_CREATE, IN_DELETE, IN_MOVED_TO, IN_MOVED_FROM, IN_CLOSE_WRITE, IN_DELETE_SELF, IN_ONLYDIR,
  ].reduce(0) { $0 | UInt32($1) }
  private static let quiet = Span.seconds(1)
  private static let patience = Span.seconds(10)

  private let path: FilePath
  private let format: ConfigFormat?
  private let driver: EpollDriver
  private let loop: LoopExecutor
  private let worker: Worker
  private let report: (Report) -> Void
  private let onChange: () -> Void
  private var queue: InotifyQueue?
  private var watches: Set<Int32> = []
  /// The text that was last taken in or refused.
  private var sha256 = ""
  /// When the changes that were seen last, and the first of them, were seen.
  private var lastEvent: MonotonicTime?
  private var firstEvent: MonotonicTime?

  /// Calls the handler on the loop's thread when the config at this path has another text.
  package init(
    _ path: FilePath, format: ConfigFormat?, on driver: EpollDriver, _ loop: LoopExecutor,
    report: @escaping (Report) -> Void,
    onChange: @escaping () -> Void
  ) {
    (self.path, self.format, self.driver, self.loop) = (path, format, driver, loop)
    (self.report, self.onChange) = (report, onChange)
    worker = Worker(on: loop)
  }

  /// Takes in the config that the daemon starts with.
  package func begin(_ configuration: Configuration) {
    sha256 = configuration.sha256
    if configuration.daemon.watchesConfig ?? false {
      watch(fingerprint.directories)
    }
  }

  /// Reads the config again.
  package func read() -> ConfigResult {
    let (result, fingerprint) = ConfigFile.reload(path, format: format)
    // A text that is refused is not read again before it changes.
    sha256 = fingerprint.sha256
    if result.configuration.map({ $0.daemon.watchesConfig ?? false }) ?? (queue != nil) {
      watch(fingerprint.directories)
    } else {
      (queue, watches) = (nil, [])
    }
    return result
  }

  /// The SHA-256 of the text that is there now, which is not taken in by this.
  package var textOnDisk: String { fingerprint.sha256 }

  private var fingerprint: ConfigFile.Fingerprint { ConfigFile.fingerprint(path, format: format) }

  /// Watches these directories and no others.
  private func watch(_ directories: Set<FilePath>) {
    do throws(Errno) {
      if queue == nil { queue = try InotifyQueue(on: driver) }
      var next: Set<Int32> = []
      queue?.onEvents = { [weak self] _ in self?.takeEvents() }
      for directory in directories {
        // One that is gone is seen when the config is read.
        if let watch = try? queue?.watch(directory, Self.changes) { next.insert(watch) }
      }
      for watch in watches.subtracting(next) { queue?.unwatch(watch) }
      // What changed before a directory was watched is seen now.
      if !next.isSubset(of: watches) { takeEvents() }
      watches = next
    } catch {
      report(Report(.note, .warning, "cannot watch the config, so a change needs a reload: \(error)"))
    }
  }

  private func takeEvents() {
    lastEvent = loop.now()
    firstEvent = firstEvent ?? lastEvent
    worker.start(self) { $0.pass() }
  }

  private func pass() -> Worker.Next {
    guard queue != nil, let last = lastEvent, let first = firstEvent else { return .end }
    let time = min(last.advanced(by: Self.quiet), first.advanced(by: Self.patience))
    if loop.now() < time { return .sleep(until: .monotonic(time)) }
    (lastEvent, firstEvent) = (nil, nil)
    if fingerprint.sha256 != sha256 { onChange() }
    return .end
  }
}
