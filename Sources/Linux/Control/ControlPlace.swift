internal import Glibc
package import Rotation

/// Where the control socket of a daemon is.
package enum ControlPlace {
  /// The path asked for; else `control` in the first of `$RUNTIME_DIRECTORY` (systemd.exec(5)), else in the default of the user.
  /// nil where there is none: an empty path was asked for, or a user has no `$XDG_RUNTIME_DIR`.
  package static func path(_ asked: FilePath?) -> FilePath? {
    if let asked { return asked.isEmpty ? nil : asked }
    if let given = directory("RUNTIME_DIRECTORY") { return given.appending(name) }
    return geteuid() == 0 ? ofSystem : ofUser
  }

  /// That of the daemon of the system.
  package static let ofSystem: FilePath = "/run/rotated/control"

  /// That of a daemon of this user; nil where the session has no directory for it.
  package static var ofUser: FilePath? { directory("XDG_RUNTIME_DIR")?.appending("rotated").appending(name) }

  private static let name: FileName = "control"

  private static func directory(_ variable: String) -> FilePath? {
    ProcessEnvironment.value(of: variable)?.bytes.split(separator: UInt8(ascii: ":")).first.map { FilePath($0) }
  }
}
