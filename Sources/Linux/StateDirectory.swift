internal import Glibc
package import Rotation

/// Where the daemon keeps what it remembers.
package enum StateDirectory {
  /// The directory asked for, else the first of `$STATE_DIRECTORY` (systemd.exec(5)), else the default of the user.
  package static func path(_ asked: String?) -> String {
    if let asked { return absolute(asked) }
    if let given = variable("STATE_DIRECTORY")?.split(separator: ":").first { return String(given) }
    if geteuid() == 0 { return "/var/lib/rotated" }
    if let home = variable("XDG_STATE_HOME"), home.hasPrefix("/") { return "\(home)/rotated" }
    return "\(variable("HOME") ?? "/tmp")/.local/state/rotated"
  }

  /// Makes the directory, and those above it that are missing, for the user alone.
  package static func make(_ path: String) throws(Errno) {
    var made = ""
    for component in path.split(separator: "/") {
      made += "/\(component)"
      guard unsafe mkdir(made, 0o700) != 0 else { continue }
      // Above a directory that is there already even a permission error says nothing.
      let code = errno
      var status = stat()
      guard unsafe stat(made, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { throw Errno(code) }
    }
  }

  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let current = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(current) }
    return unsafe "\(String(cString: current))/\(path)"
  }

  private static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
