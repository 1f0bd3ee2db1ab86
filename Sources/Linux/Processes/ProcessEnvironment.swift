internal import Glibc
package import Rotation

/// The environment of this process, and what children get of it.
package enum ProcessEnvironment {
  /// What a child must not take for its own: it would speak for the daemon (sd_notify(3), sd_listen_fds(3)).
  private static let withheld = [
    "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "MAINPID",
  ]

  /// A variable; nil when it is not set.
  package static func value(of name: String) -> ExactText? {
    unsafe getenv(name).map { unsafe ExactText(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
  }

  /// The same as text.
  package static func text(of name: String) -> String? {
    value(of: name).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// Where programs are looked up that are named without a slash, as execvp(3) does.
  static var searchPath: [String] {
    (text(of: "PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
  }

  /// What a child gets: everything but what is only for this process, and what is added in place of what was there.
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
