import Config
import Daemon
import EventLoop
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("Archives on a file system of coarse times")
struct TimeStepTests {
  static let steps = [Span.seconds(1), .seconds(2), .milliseconds(10)]
  static let compressions: [Compression?] = [nil, Compression(command: ["gzip"], suffix: ".gz", from: 1)]

  /// All lines of a log and its archives, sorted; compressed files are uncompressed first.
  private func lines(_ rig: Rig) -> [String] {
    var lines: [String] = []
    var names: [String] = ["a.log"]
    for number in 1...9 {
      names.append("a.log.\(number)")
      names.append("a.log.\(number).gz")
    }
    for name in names {
      for directory: String in ["/logs", "/archive"] {
        let path = FilePath(directory + "/" + name)
        guard var text = rig.disk.content(of: path) else { continue }
        if text.hasPrefix(SimulatedProcesses.mark) { text.removeFirst(SimulatedProcesses.mark.count) }
        lines += text.split(separator: "\n").map(String.init)
      }
    }
    return lines.sorted()
  }

  @Test("a crash after any change doubles no line and prevents no later move", arguments: steps, compressions)
  func crashes(step: Span, compression: Compression?) throws {
    var crashes = 0
    for changes in 1... {
      var job = Rig.job("a", every: 60, keep: 9)
      job.policy.rules.archiveDirectory = ArchiveDirectory(path: "/archive")
      job.policy.rules.compression = compression
      let rig = Rig([job])
      rig.disk.makeDirectory("/archive")
      rig.disk.mounts = ["/archive"]
      rig.disk.timeSteps = ["/archive": step]
      func fill(_ number: Int) {
        rig.fill("a.log", "line \(number)\n")
        // A time that no such file system stores.
        rig.disk.touch("/logs/a.log", rig.driver.wallClock() + Span(nanoseconds: 1_234_567_891))
      }
      fill(1)
      try rig.live(seconds: 70, stops: false) { rig in
        rig.disk.changesUntilCrash = changes
        rig.disk.onCrash = { rig.at(0) { rig.crash() } }
      }
      let hasCrashed = rig.disk.isDead
      try rig.live(seconds: 70)
      fill(2)
      try rig.live(seconds: 130)
      #expect(lines(rig) == ["line 1", "line 2"], "crash after \(changes): \(rig.reports.map(\.message))")
      #expect(!rig.messages(.failed).contains { $0.contains("File exists") }, "crash after \(changes)")
      #expect(rig.names.map(\.description).filter { $0.hasPrefix("a.log.") } == [], "crash after \(changes)")
      guard hasCrashed else { break }
      crashes += 1
    }
    #expect(crashes > 6)
  }
}
