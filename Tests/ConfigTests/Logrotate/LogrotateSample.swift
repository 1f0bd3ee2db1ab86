import Config
import Rotation
import Timekeeping

/// A config in logrotate's language: files and directories by path, the first of which is read.
struct LogrotateSample {
  var files: [FilePath: [UInt8]] = [:]
  var refused: [FilePath: String] = [:]
  var mailer: ExactText = "/usr/bin/mail"
  /// The programs that are not installed.
  var missing: Set<String> = ["lz4"]
  var accounts: [String: UInt32] = ["root": 0, "adm": 4, "www-data": 33, "syslog": 104]

  init(_ text: String) { files["/etc/logrotate.conf"] = Array(text.utf8) }
  init(_ bytes: [UInt8]) { files["/etc/logrotate.conf"] = bytes }

  /// The same with one more file.
  func with(_ path: FilePath, _ text: String) -> LogrotateSample {
    var sample = self
    sample.files[path] = Array(text.utf8)
    return sample
  }

  func read() -> ConfigResult {
    ConfigReader.read(logrotate: "/etc/logrotate.conf", system: system, files: port)
  }

  var port: LogrotateFiles {
    var port = LogrotateFiles(home: "/root") { path in
      if let reason = refused[path] { return .refused(reason) }
      if let bytes = files[path] { return .file(bytes) }
      let names = files.keys.filter { $0.split.directory == path }.map(\.split.name)
      return names.isEmpty ? .refused("cannot be read: no such file or directory (ENOENT)") : .directory(names)
    }
    port.mailer = mailer
    return port
  }

  var system: SystemFacts {
    let accounts = accounts
    return SystemFacts(
      accounts: Accounts(user: { accounts[$0] }, group: { accounts[$0] }), zones: { _ in nil }, machine: "5a1e",
      programs: { !missing.contains($0) })
  }
}

/// The jobs of a text, in order.
func jobs(_ text: String) -> [Job] { LogrotateSample(text).read().configuration?.jobs ?? [] }

/// The job of a stanza with these directives, which has `rotate 4` before them.
func job(_ directives: String) -> Job? { jobs("/var/log/app.log {\nrotate 4\n\(directives)\n}\n").first }

/// The findings as `line:column: kind: message (hint)`, with the file before those of another one.
func lines(_ result: ConfigResult) -> [String] {
  let renderer = DiagnosticRenderer()
  return result.diagnostics.map { finding in
    let text = renderer.render(finding)
    let prefix = "/etc/logrotate.conf:"
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
  }
}

/// The findings of a stanza with these directives, whose first has line 3.
func problems(_ directives: String) -> [String] {
  lines(LogrotateSample("/var/log/app.log {\nrotate 4\n\(directives)\n}\n").read())
}
