import Glibc
import Testing

/// A daemon that strace runs.
enum TracedDaemon {
  /// Whether the process is in epoll_wait(2) or epoll_pwait(2) without a timeout: its first turn is over.
  private static func waitsForEver(_ daemon: pid_t) -> Bool {
    let fields = (readWholeFile("/proc/\(daemon)/syscall") ?? "").split(separator: " ")
    let epollWaits = ["232", "281", "22"]  // x86-64, both; arm64
    return fields.count > 4 && epollWaits.contains(String(fields[0])) && fields[4].hasSuffix("ffffffff")
  }

  /// Waits until the daemon has ended, or has rotated and gone to sleep, and then stops it; its exit code. To sleep is not
  /// enough: a daemon waits for its first turn, too.
  static func end(_ tracer: Program, _ point: String, _ isRotated: () -> Bool) throws -> Int32 {
    var isAsked = false
    var code: Int32?
    try eventually("the end of a traced daemon, \(point); it said: \(tracer.read())") {
      if let ended = tracer.endIfEnded() {
        code = ended
        return true
      }
      // Before it starts the daemon, strace has short-lived children of its own. That it has started may be just the line
      // whose write was made to fail.
      if !isAsked, tracer.read().contains("started with") || tracer.read().contains("was lost"), isRotated(),
        let daemon = tracer.children.first(where: waitsForEver)
      {
        isAsked = true
        kill(daemon, SIGTERM)
      }
      return false
    }
    return code ?? -1
  }
}

extension Scratch {
  /// Name and content of every file in a directory; compressed ones are taken out when the names are the wanted ones.
  func unpacked(_ name: String, like wanted: [String: String]) -> [String: String] {
    var found = contents(name)
    guard Set(found.keys) == Set(wanted.keys) else { return found }
    for file in found.keys where file.hasSuffix(".gz") {
      found[file] = (try? Program.run("gzip", ["-dc", self["\(name)/\(file)"]]))?.text
    }
    return found
  }
}
