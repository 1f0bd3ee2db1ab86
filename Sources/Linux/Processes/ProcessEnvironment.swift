internal import Glibc
package import Rotation

/// The environment of this process, and the part of it that children get.
package enum ProcessEnvironment {
  /// Variables that a child must not use: it would speak for the daemon (sd_notify(3), sd_listen_fds(3)).
  private static let withheld = [
    "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "MAINPID",
  ]

  /// A variable; nil if it is not set.
  package static func value(of name: String) -> ExactText? {
    unsafe getenv(name).map { unsafe ExactText(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
  }

  /// The same as text.
  package static func text(of name: String) -> String? {
    value(of: name).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// The directories in which execvp(3) searches programs whose name has no slash.
  static var searchPath: [String] {
    (text(of: "PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
  }

  /// The environment of a child: the daemon's without the withheld variables; `added` replaces existing ones.
  static func ofChild(with added: [String: ExactText]) -> [ExactText] {
    let removed = withheld + added.keys
    var lines: [ExactText] = []
    var next = unsafe environ
    while let line = unsafe next.pointee {
      let text = unsafe ExactText(UnsafeRawBufferPointer(start: line, count: strlen(line)))
      let name = text.bytes.prefix { $0 != UInt8(ascii: "=") }
      if !removed.contains(where: { $0.utf8.elementsEqual(name) }) { lines.append(text) }
      unsafe next += 1
    }
    return lines + added.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}
