internal import Glibc
package import Rotation

/// The directory of the daemon's state.
package enum StateDirectory {
  /// The requested directory, else the first of `$STATE_DIRECTORY` (systemd.exec(5)), else the default of the user.
  package static func path(_ asked: FilePath?) -> FilePath {
    if let asked { return WorkingDirectory.joined(asked) }
    if let given = variable("STATE_DIRECTORY")?.bytes.split(separator: UInt8(ascii: ":")).first {
      return FilePath(given)
    }
    if geteuid() == 0 { return "/var/lib/rotated" }
    if let home = variable("XDG_STATE_HOME"), home.isAbsolute { return "\(home)/rotated" }
    return "\(variable("HOME") ?? "/tmp")/.local/state/rotated"
  }

  /// Makes the directory and its missing parents, with access for the user alone.
  package static func make(_ path: FilePath) throws(Errno) {
    var made: FilePath = "/"
    for component in path.components {
      made = made.appending(component)
      do throws(Errno) {
        _ = try unsafe callWithPath(made) { unsafe mkdir($0, 0o700) }
      } catch {
        // For an existing directory, even a permission error does not matter.
        var status = stat()
        let isThere = (try? unsafe callWithPath(made) { unsafe stat($0, &status) }) != nil
        guard isThere, status.st_mode & S_IFMT == S_IFDIR else { throw error }
      }
    }
  }

  private static func variable(_ name: String) -> FilePath? {
    ProcessEnvironment.value(of: name).flatMap { $0.bytes.isEmpty ? nil : FilePath($0.bytes) }
  }
}
