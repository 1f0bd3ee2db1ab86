internal import Config
internal import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

/// Writes the metrics to a file for the textfile collector of Prometheus' node_exporter, each minute.
///
/// The file is replaced by rename(2), so that the collector never reads half of it, and everybody may read it.
final class MetricsFile {
  /// Takes the replies of `Metrics` as they come.
  private final class Collector: ReplySink {
    var samples: [Wire.Sample] = []

    func send(_ reply: Wire.Reply, continues: Bool) async -> Bool {
      samples += reply.samples ?? []
      return true
    }
    func wait() async -> Bool { false }
    func wake() {}
  }

  /// Samples that become text between two chances for everything else.
  private static let slice = 256
  private static let mode: UInt32 = 0o644

  private let platform: Platform
  private let operators: Operators
  private let worker: Worker
  private let events: Events
  private var path: FilePath?

  init(_ platform: Platform, _ operators: Operators, _ settings: DaemonSettings, _ events: Events) {
    (self.platform, self.operators, self.events) = (platform, operators, events)
    path = settings.metricsFile
    worker = Worker(on: platform.loop)
  }

  /// Whether nothing is being written.
  var isIdle: Bool { !worker.isRunning }

  /// Begins to write, if the config names a file.
  func start() {
    guard path != nil else { return }
    worker.start(self, atEnd: { $0.events.send(.idle) }) { await $0.pass() }
  }

  /// Writes no more.
  func stop() { worker.stop() }

  private func pass() async -> Worker.Next {
    guard let path else { return .end }
    let began = platform.loop.now()
    guard let text = await text() else { return .end }
    let (directory, name) = path.split
    let subject = Problems.Subject(.metrics, path)
    do throws(Errno) {
      let opened = try platform.fileSystem.openDirectory(directory)
      try platform.fileSystem.write(text, to: name, in: opened, mode: Self.mode)
      platform.problems.clear(subject, Report(.resolved, .notice, "\(path.printable): metrics can be written again"))
    } catch {
      let what = "cannot write the metrics to \(path.printable): \(error); trying again each minute"
      platform.problems.note(subject, Report(.failed, .warning, what, errno: error), key: "\(error)")
    }
    return .sleep(until: .monotonic(began.advanced(by: Limits.metricsInterval)))
  }

  /// The whole file; nil when the daemon stops.
  private func text() async -> [UInt8]? {
    let collector = Collector()
    let replies = Replies(to: collector, operators.supervisor)
    do throws(VarlinkError) {
      try await operators.metrics(withLogs: false, replies)
      try await replies.end()
    } catch {
      return nil
    }
    var text = MetricsText(collector.samples, format: .prometheus)
    var bytes: [UInt8] = []
    while let lines = text.next(samples: Self.slice) {
      bytes += lines.utf8
      await platform.loop.yield()
    }
    return bytes
  }
}

extension MetricsFile: Subsystem {
  func adopt(_ registry: JobRegistry, _ changes: JobChanges) {
    path = changes.daemon.metricsFile
    start()
  }
}
