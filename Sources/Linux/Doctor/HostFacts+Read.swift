internal import Config
internal import Control
package import Daemon
internal import Glibc
package import Rotation
internal import Timekeeping

extension HostFacts {
  /// The bytes of one file of another program that are read.
  private static let mostBytes = 1 << 20
  /// How long systemctl may take.
  private static let patience = Span.seconds(10)

  /// Looks at the machine and at the files of other programs, these below another root if one is given. A daemon is asked for its
  /// logs at each place of `daemons`.
  package static func read(root: FilePath?, daemons: [FilePath]) -> HostFacts {
    var facts = HostFacts()
    let files = HostFiles(root: root ?? "/")
    facts.user = geteuid()
    facts.isInstalled = SystemFacts.read().programs
    facts.readLimits(files)
    facts.hasLabels = files.exists("/sys/fs/selinux/enforce")
    facts.readLogrotate(files)
    facts.readTmpfiles(files)
    // The unit and the daemons are those of the machine that runs.
    if root == nil {
      facts.readSandbox()
      facts.readDaemons(daemons)
    }
    return facts
  }

  private mutating func readLimits(_ files: HostFiles) {
    func number(_ name: String) -> Int64? {
      guard let bytes = files.content(FilePath("/proc/sys/fs/inotify/\(name)")) else { return nil }
      return Int64(String(decoding: bytes.prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
    }
    if let watches = number("max_user_watches"), let instances = number("max_user_instances") {
      inotify = (watches, instances)
    } else {
      skipped.append(("inotify", "/proc/sys/fs/inotify cannot be read"))
    }
  }

  private mutating func readLogrotate(_ files: HostFiles) {
    var search = LinuxRotatorSearch(files)
    while search.step() {}
    let found = search.rotator
    (logrotateRunner, logrotate) = (found?.runner, found?.files ?? [])
    skipped += found?.unread.map { ("rotators", "\($0.printable) cannot be read") } ?? []
  }

  /// Of one name, the file in the first directory counts; in the order of names the first line for a path does.
  private mutating func readTmpfiles(_ files: HostFiles) {
    var known: Set<FileName> = []
    for directory: FilePath in ["/etc/tmpfiles.d", "/run/tmpfiles.d", "/usr/lib/tmpfiles.d"] {
      for path in files.list(directory, ending: ".conf") where known.insert(path.split.name).inserted {
        if let text = files.content(path) {
          tmpfiles += TmpfilesRule.read(path, text)
        } else if files.exists(path) {
          skipped.append(("tmpfiles", "\(path.printable) cannot be read"))
        }
      }
    }
  }

  private mutating func readSandbox() {
    var lines: [String] = []
    let arguments = [
      "systemctl", "show", "rotated.service", "--property=" + UnitSandbox.properties.joined(separator: ","),
    ]
    do throws(Errno) {
      let end = try ProgramOutput.read(
        arguments.map { ExactText($0) }, longestLine: 64 << 10, patience: Self.patience, showsErrors: false
      ) { line in
        lines.append(String(decoding: line, as: UTF8.self))
        return lines.count < 1000
      }
      sandbox = UnitSandbox(shown: lines)
      guard sandbox == nil else { return }
      let reason = end == .exited(0) ? "systemd has no rotated.service" : "systemctl cannot ask systemd"
      skipped.append(("writable", "the limits of the daemon's unit are not known: \(reason)"))
    } catch {
      skipped.append(("writable", "the limits of the daemon's unit are not known: systemctl: \(error)"))
    }
  }

  private mutating func readDaemons(_ places: [FilePath]) {
    for place in places {
      var logs: Set<FilePath> = []
      var parameters = Wire.Parameters()
      parameters.withLogs = true
      do {
        try ControlClient(place).call(.list, parameters, patience: Self.patience) { reply in
          if let log = reply.log { logs.insert(log.path) }
          return true
        }
        daemons.append((place.printable, logs))
      } catch ControlFailure.notRunning {
        continue
      } catch {
        skipped.append(("rotators", "the daemon at \(place.printable) could not be asked for its logs"))
      }
    }
  }

  /// Files of the machine, or below another root.
  struct HostFiles {
    var root: FilePath

    private func place(_ path: FilePath) -> FilePath { root == "/" ? path : "\(root)\(path)" }

    func content(_ path: FilePath) -> [UInt8]? {
      var status = stat()
      let path = place(path)
      // A pipe would keep the reader waiting.
      guard (try? unsafe callWithPath(path) { unsafe stat($0, &status) }) != nil, status.st_mode & S_IFMT == S_IFREG
      else { return nil }
      return try? FileContent.read(path, limit: HostFacts.mostBytes)
    }

    func exists(_ path: FilePath) -> Bool { WorkingDirectory.hasFile(place(path)) }

    /// Whether cron runs a script for something: run-parts(8) takes executable ones, and that of Debian's logrotate ends at once
    /// where systemd runs.
    func runsDaily(_ path: FilePath) -> Bool {
      guard let mode = FileExamination.mode(of: place(path)), mode & 0o111 != 0, let text = content(path) else {
        return false
      }
      return !exists("/run/systemd/system") || !FileExamination.asksForSystemd(text)
    }

    func isDirectory(_ path: FilePath) -> Bool {
      var status = stat()
      return (try? unsafe callWithPath(place(path)) { unsafe stat($0, &status) }) != nil
        && status.st_mode & S_IFMT == S_IFDIR
    }

    func target(of path: FilePath) -> FilePath? {
      let most = Int(PATH_MAX)
      var bytes = [CChar](repeating: 0, count: most)
      let count = try? unsafe callWithPath(place(path)) { unsafe readlink($0, &bytes, most) }
      return count.map { FilePath(bytes.prefix($0).map { UInt8(bitPattern: $0) }) }
    }

    /// The files of a directory by name, hidden ones left out.
    func list(_ directory: FilePath, ending end: FileName) -> [FilePath] {
      guard
        let number = try? unsafe callWithPath(
          place(directory), { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
      else { return [] }
      defer { _ = close(number) }
      return ((try? DirectoryReader.read(number)) ?? []).map(\.name)
        .filter { $0.bytes.first != UInt8(ascii: ".") && $0.bytes.suffix(end.bytes.count).elementsEqual(end.bytes) }
        .sorted().map { directory.appending($0) }
    }
  }
}
