package import Rotation

/// Another program that rotates logs on this machine.
package struct OtherRotator: Hashable, Sendable {
  /// What starts it: `logrotate.timer`.
  package var runner: String
  /// Its config.
  package var files: [LogrotateFile] = []
  /// The files of its config that cannot be read.
  package var unread: [FilePath] = []

  package init(runner: String, files: [LogrotateFile] = []) {
    (self.runner, self.files) = (runner, files)
  }

  /// The place that names a log, `/etc/logrotate.d/app:2`; nil when none does.
  package func place(naming log: FilePath) -> String? {
    for file in files {
      if let line = file.line(naming: log) { return "\(file.path.printable):\(line)" }
    }
    return nil
  }
}

/// A search for another program that rotates logs, in steps: its config may be many files.
package protocol OtherRotatorSearch {
  /// What was found, as far as the search has come; nil when nothing else rotates.
  var rotator: OtherRotator? { get }
  /// Reads one more file. Returns whether there is more to read.
  mutating func step() -> Bool
}
