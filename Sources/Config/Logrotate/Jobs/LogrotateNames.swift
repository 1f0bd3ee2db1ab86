import Rotation

/// The names of a stanza's logs as patterns. One that cannot be a pattern is reported and left out.
struct LogrotateNames {
  let findings: Findings
  let files: LogrotateFiles

  /// The patterns of a stanza, each with its place.
  func patterns(_ names: [LogrotateStanza.Name]) -> JobDraft.Logs {
    var logs = JobDraft.Logs()
    for name in names {
      guard let pattern = pattern(name) else { continue }
      logs.patterns.append(pattern)
      logs.places.append(name.place)
    }
    return logs
  }

  private func pattern(_ name: LogrotateStanza.Name) -> LogPattern? {
    func refuse(_ reason: String) -> LogPattern? {
      let text = Wording.quoted(FilePath(bytes: name.bytes))
      findings.error("\(text): \(reason); the name is not used", at: name.place)
      return nil
    }
    let bytes = files.expanded(name.bytes)
    guard bytes.first == UInt8(ascii: "/") else { return refuse("this is not an absolute path") }
    guard !bytes.contains(0) else { return refuse("a path cannot contain a NUL character") }
    guard bytes.last != UInt8(ascii: "/") else { return refuse("this is the path of a directory, not of a log") }
    var path: [UInt8] = []
    for component in bytes.split(separator: UInt8(ascii: "/")) where !component.elementsEqual(".".utf8) {
      guard !component.elementsEqual("..".utf8) else { return refuse("a path cannot contain `..`") }
      path.append(UInt8(ascii: "/"))
      // Two stars match what one does (glob(3)).
      path += component.elementsEqual("**".utf8) ? Array("*".utf8) : Array(component)
    }
    guard path.count <= Limits.maxPathBytes, !path.isEmpty else {
      return refuse("a path has from 2 to \(Limits.maxPathBytes) bytes")
    }
    let pattern = LogPattern(FilePath(bytes: path))
    if let flaw = pattern.flaw { return refuse(flaw.reason) }
    return pattern
  }
}
