internal import Glibc
package import Rotation

/// The path of the control socket of a daemon.
package enum ControlPlace {
  /// The requested path; else `control` in the first of `$RUNTIME_DIRECTORY` (systemd.exec(5)), else in the default of
  /// the user. nil for no socket: an empty path was requested, or a user has no `$XDG_RUNTIME_DIR`.
  package static func path(_ asked: FilePath?) -> FilePath? {
    if let asked { return asked.isEmpty ? nil : asked }
    if let given = directory("RUNTIME_DIRECTORY") { return given.appending(name) }
    return geteuid() == 0 ? ofSystem : ofUser
  }

  /// Where a tool looks for a daemon, in this order: the path that was asked for; else that of a daemon of the user, then that of
  /// the system.
  package static func candidates(_ asked: FilePath?) -> [FilePath] {
    if let asked { return [asked] }
    return geteuid() == 0 ? [ofSystem] : [ofUser, ofSystem].compactMap { $0 }
  }

  /// That of the daemon of the system.
  package static let ofSystem: FilePath = "/run/rotated/control"

  /// The path for a daemon of this user; nil if the session has no directory for it.
  package static var ofUser: FilePath? { directory("XDG_RUNTIME_DIR")?.appending("rotated").appending(name) }

  private static let name: FileName = "control"

  private static func directory(_ variable: String) -> FilePath? {
    ProcessEnvironment.value(of: variable)?.bytes.split(separator: UInt8(ascii: ":")).first.map { FilePath($0) }
  }
}
