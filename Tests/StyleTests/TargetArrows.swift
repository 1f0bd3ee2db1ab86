/// Which target may import what: arrows point down only.
enum TargetArrows {
  /// Our own targets, with everything that each may import. What is pure may not even see the C library.
  private static let allowed: [String: Set<String>] = [
    "Timekeeping": [],
    "EventLoop": ["Timekeeping", "CLinux", "Glibc"],
    "Rotation": ["Timekeeping"],
    "Config": ["Rotation", "Timekeeping", "CTOML"],
    "Control": ["Rotation", "Timekeeping"],
    "Daemon": ["Config", "Rotation", "EventLoop", "Timekeeping"],
    "Linux": ["Daemon", "Config", "Rotation", "EventLoop", "Timekeeping", "CLinux", "CSystemd", "Glibc"],
    "rotated": ["Daemon", "Config", "Rotation", "EventLoop", "Timekeeping", "Linux", "CLinux", "Glibc"],
    "rotatectl": ["Daemon", "Config", "Rotation", "EventLoop", "Timekeeping", "Linux", "ArgumentParser", "Glibc"],
    "Simulation": ["Daemon", "Config", "Rotation", "EventLoop", "Timekeeping"],
  ]

  static func findings(_ source: SourceText) -> [Finding] {
    guard source.path.hasPrefix("Sources/") || source.target == "Simulation" else { return [] }
    guard let allowed = allowed[source.target] else {
      return [Finding(source, line: 1, "the target \(source.target) has no place in the table of arrows")]
    }
    return source.imports.filter { !allowed.contains($0.text) }
      .map { Finding(source, line: $0.line, "\(source.target) may not import \($0.text)") }
  }
}
