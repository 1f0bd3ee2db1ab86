package import Control
package import Daemon
package import EventLoop
internal import Glibc
package import Rotation
internal import Timekeeping

/// The history of a daemon without a journal: each rotation and each removal is a line of JSON in its state directory, an
/// `Event` of org.rotated.Manager.
///
/// It is a convenience. It is not synced, a power cut may cost its last lines, and what cannot be written is left out. When it
/// has its size, it takes the place of the one before.
package final class HistoryFile {
  /// What belongs to a history.
  package static let kinds: [Report.Kind] = [.rotated, .recovered, .removed, .madeRoom]

  private static let name: FileName = "history"
  private static let former: FileName = "history.1"

  private let directory: OpenDirectory
  private let fileSystem: LinuxFileSystem
  private let loop: LoopExecutor
  private let report: (Report) -> Void
  /// Lines that are not written yet.
  private var lines: [UInt8] = []
  /// What the file has by now; nil while that is not known. Nobody else writes to it.
  private var size: Int64?
  private var isFailing = false

  /// A history in a state directory; `report` gets what is said about it.
  package init(
    in directory: OpenDirectory, _ fileSystem: LinuxFileSystem, on loop: LoopExecutor,
    report: @escaping (Report) -> Void
  ) {
    (self.directory, self.fileSystem, self.loop, self.report) = (directory, fileSystem, loop, report)
  }

  /// Takes a report down, if it belongs to a history. It is written when all else has had its turn, with those that come until
  /// then.
  package func take(_ report: Report) {
    guard Self.kinds.contains(report.kind) else { return }
    var writer = JSONWriter()
    Wire.Event(report, at: loop.wallClock()).write(to: &writer)
    writer.endText(with: UInt8(ascii: "\n"))
    if lines.isEmpty {
      loop.start(self) { history in
        await history.loop.yield()
        history.flush()
      }
    }
    lines += writer.take()
    if lines.count >= Limits.maxHistoryBuffer { flush() }
  }

  /// Writes what is not written yet.
  package func flush() {
    guard !lines.isEmpty else { return }
    let bytes = lines
    lines = []
    do throws(Errno) {
      var before = if let size { size } else { try fileSystem.status(of: Self.name, in: directory)?.size ?? 0 }
      size = nil
      if before > 0, before + Int64(bytes.count) > Limits.maxHistoryBytes {
        try unsafe callWithNames(Self.name, Self.former) { unsafe renameat(directory.token, $0, directory.token, $1) }
        before = 0
      }
      try fileSystem.append(bytes, to: Self.name, in: directory)
      size = before + Int64(bytes.count)
      if isFailing { report(Report(.resolved, .notice, "the history can be written again")) }
      isFailing = false
    } catch {
      let path = LogFinder.join(directory.path, Self.name)
      let what =
        "cannot write the history \(path.printable): \(error); `rotatectl history` lacks what happens meanwhile"
      if !isFailing { report(Report(.failed, .warning, what, errno: error)) }
      isFailing = true
    }
  }

  /// What a history was read to.
  package struct Content {
    /// Where it is.
    package var path: FilePath
    /// The oldest first.
    package var events: [Wire.Event] = []
    /// Lines that make no sense.
    package var unread = 0
  }

  /// Reads the history of a daemon with this state directory, or the default; nil where there is none.
  package static func read(_ asked: FilePath?) throws(Errno) -> Content? {
    let path = StateDirectory.path(asked)
    var content = Content(path: LogFinder.join(path, name))
    let directory: OpenDirectory
    do throws(Errno) {
      directory = try LinuxFileSystem().openDirectory(path)
    } catch  where error == .noEntry {
      return nil
    }
    // In this order: the daemon may put the newer one in the place of the other meanwhile, and then that is what is read twice.
    let newer = try SmallFile.read(name, in: directory.token)
    let older = try SmallFile.read(former, in: directory.token)
    guard newer != nil || older != nil else { return nil }
    for file in [older == newer ? nil : older, newer].compactMap(\.self) {
      for line in file.split(separator: UInt8(ascii: "\n")) {
        if let json = try? JSONReader.read(Array(line)), let event = try? Wire.Event.read(json) {
          content.events.append(event)
        } else {
          content.unread += 1
        }
      }
    }
    return content
  }
}
