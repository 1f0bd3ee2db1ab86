internal import Glibc
package import Rotation

/// Where the control socket of a daemon is.
package enum ControlPlace {
  /// That of the system's daemon.
  private static let system: FilePath = "/run/rotated/control"

  /// Where a tool looks for a daemon, in this order: the path that was asked for; else that of a daemon of the user, then that of the
  /// system.
  package static func candidates(_ asked: FilePath?) -> [FilePath] {
    if let asked { return [asked] }
    let own = ProcessEnvironment.value(of: "XDG_RUNTIME_DIR").flatMap { $0.bytes.first == UInt8(ascii: "/") ? $0 : nil }
    guard geteuid() != 0, let own else { return [system] }
    return [FilePath(own.bytes).appending("rotated").appending("control"), system]
  }
}
