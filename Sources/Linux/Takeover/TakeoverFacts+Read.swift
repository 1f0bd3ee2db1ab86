package import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation
internal import Timekeeping

extension TakeoverFacts {
  private static let states: [FilePath] = [
    "/var/lib/logrotate/status", "/var/lib/logrotate/logrotate.status", "/var/lib/logrotate.status",
  ]
  private static let configs: [FilePath] = ["/etc/logrotate.conf", "/usr/etc/logrotate.conf"]
  private static let mostBytes = 1 << 20

  /// Looks at the machine.
  package static func read() -> TakeoverFacts {
    var facts = TakeoverFacts()
    facts.hasSystemd = WorkingDirectory.hasFile("/run/systemd/system")
    facts.config = configs.first(where: WorkingDirectory.hasFile)
    facts.state = states.first(where: WorkingDirectory.hasFile) ?? (facts.config == nil ? nil : standardState())
    facts.fragment = try? FileContent.read(Takeover.fragmentPath, limit: mostBytes)
    facts.record = (try? FileContent.read(Takeover.recordPath, limit: mostBytes)).map { TakeoverRecord($0) }
    facts.readCron()
    guard facts.hasSystemd else { return facts }
    let timer = Self.properties(of: "logrotate.timer")
    let isActive = timer["ActiveState"] == "active"
    switch (timer["LoadState"], timer["UnitFileState"]) {
    case ("masked", _), (_, "masked"): facts.timer = .masked
    case ("loaded", "enabled"), ("loaded", "enabled-runtime"), ("loaded", "static"):
      facts.timer = .enabled(isActive: isActive)
    case ("loaded", _): facts.timer = isActive ? .enabled(isActive: true) : .disabled
    default: facts.timer = .missing
    }
    facts.isRotating = ["active", "activating", "deactivating"]
      .contains(Self.properties(of: "logrotate.service")["ActiveState"] ?? "")
    facts.isRunning = ["active", "reloading"].contains(Self.properties(of: "rotated.service")["ActiveState"] ?? "")
    return facts
  }

  /// Where logrotate will have its state file, as it says itself; nil where it is not installed.
  private static func standardState() -> FilePath? {
    let label = Array("Default state file path:".utf8)
    var path: FilePath?
    _ = try? ProgramOutput.read(
      ["logrotate", "--version"], longestLine: 4096, patience: .seconds(30), showsErrors: false
    ) { line in
      let line = Array(line.drop { $0 == UInt8(ascii: " ") })
      if line.starts(with: label) { path = FilePath(line.dropFirst(label.count).drop { $0 == UInt8(ascii: " ") }) }
      return path == nil
    }
    // What would have to be escaped in a config is none of the paths that anybody has chosen.
    guard let path, path.isAbsolute, path.bytes.elementsEqual(path.printable.utf8),
      !path.bytes.contains(UInt8(ascii: "\""))
    else { return nil }
    return path
  }

  private mutating func readCron() {
    var status = stat()
    guard (try? unsafe callWithPath(Takeover.cronPath) { unsafe stat($0, &status) }) != nil,
      let text = try? FileContent.read(Takeover.cronPath, limit: Self.mostBytes)
    else { return }
    if status.st_mode & 0o111 == 0 {
      cron = .notExecutable
    } else if hasSystemd, FileExamination.asksForSystemd(text) {
      // Debian's script begins so: `if [ -d /run/systemd/system ]; then exit 0; fi`.
      cron = .idle
    } else {
      cron = .runs(mode: status.st_mode & 0o7777)
    }
  }

  private static func properties(of unit: String) -> [String: String] {
    var values: [String: String] = [:]
    let words = ["systemctl", "show", unit, "--property=LoadState,UnitFileState,ActiveState"]
    _ = try? ProgramOutput.read(
      words.map { ExactText($0) }, longestLine: 4096, patience: .seconds(30), showsErrors: false
    ) { line in
      let text = String(decoding: line, as: UTF8.self)
      if let end = text.firstIndex(of: "=") { values[String(text[..<end])] = String(text[text.index(after: end)...]) }
      return values.count < 10
    }
    return values
  }
}
