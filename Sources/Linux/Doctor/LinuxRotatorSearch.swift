internal import Config
package import Daemon
internal import Rotation

/// Finds out whether something starts logrotate on this machine, and reads its config, a file at a step.
package struct LinuxRotatorSearch: OtherRotatorSearch {
  private let files: HostFacts.HostFiles
  package private(set) var rotator: OtherRotator?
  private var paths: [FilePath] = ["/etc/logrotate.conf"]
  private var known: Set<FilePath> = []

  /// A search of this machine.
  package init() {
    self.init(HostFacts.HostFiles(root: "/"))
  }

  init(_ files: HostFacts.HostFiles) {
    self.files = files
    let isMasked = files.target(of: "/etc/systemd/system/logrotate.timer") == "/dev/null"
    if !isMasked, files.exists("/etc/systemd/system/timers.target.wants/logrotate.timer") {
      rotator = OtherRotator(runner: "logrotate.timer")
    } else if files.runsDaily("/etc/cron.daily/logrotate") {
      rotator = OtherRotator(runner: "/etc/cron.daily/logrotate")
    }
  }

  package mutating func step() -> Bool {
    guard rotator != nil, known.count < Limits.maxConfigFiles, let path = paths.popLast() else { return false }
    guard known.insert(path).inserted else { return true }
    if files.isDirectory(path) {
      let names = files.list(path, ending: "").filter { !LogrotateFile.isPassedOver($0.split.name) }
      paths += names.filter { !files.isDirectory($0) }.reversed()
    } else if let text = files.content(path) {
      let file = LogrotateFile(path, text)
      rotator?.files.append(file)
      paths += file.includes.reversed()
    } else if files.exists(path) {
      rotator?.unread.append(path)
    }
    return true
  }
}
