import Rotation

/// What is common to the files that are read one after the other: the stanzas so far, and the bounds on what is read.
final class LogrotateReading {
  let files: LogrotateFiles
  let findings: Findings
  var taboo = TabooPatterns()
  private(set) var stanzas: [LogrotateStanza] = []
  /// The files that are being read: the last is included by the one before.
  private var path: [FilePath] = []
  private var filesLeft = Limits.maxConfigFiles
  private var bytesLeft = Limits.maxConfigBytes

  init(files: LogrotateFiles, findings: Findings) {
    self.files = files
    self.findings = findings
  }

  func add(_ stanza: LogrotateStanza) { stanzas.append(stanza) }

  /// Reads a file, or the files of a directory, into the settings that hold from here on. One that has errors changes no
  /// setting; its stanzas without errors count. Whether there was no error; `place` is where it was named.
  func read(_ path: FilePath, _ settings: inout LogrotateSettings, from place: Position) -> Bool {
    let entry = files.read(path)
    guard case .directory(let names) = entry else { return read(entry, of: path, &settings, from: place) }
    var isSound = true
    for name in names.sorted() where !taboo.matches(name) {
      let file = path.appending(name)
      let entry = files.read(file)
      switch entry {
      case .directory, .nothing: continue
      case .file: if !read(entry, of: file, &settings, from: place) { isSound = false }
      case .refused(let reason):
        let number = findings.add(ConfigSource(name: file.printable, bytes: []), isForgiving: true)
        findings.error("the file \(reason)", at: Position(file: number, line: 1, column: 1))
        isSound = false
      }
    }
    return isSound
  }

  private func read(
    _ entry: LogrotateFiles.Entry, of path: FilePath, _ settings: inout LogrotateSettings, from place: Position
  ) -> Bool {
    guard self.path.count <= Limits.maxIncludeDepth else {
      findings.error(
        "\(Wording.quoted(path)) is not read: files include each other \(Limits.maxIncludeDepth) deep, which is the limit",
        at: place)
      return false
    }
    guard !self.path.contains(path) else {
      findings.error("\(Wording.quoted(path)) includes itself", at: place, hint: "remove the `include`")
      return false
    }
    switch entry {
    case .nothing, .directory: return true
    case .refused(let reason):
      findings.error("\(Wording.quoted(path)) \(reason)", at: place)
      return false
    case .file(let bytes):
      guard take(bytes.count, path, place) else { return false }
      let former = settings
      self.path.append(path)
      defer { self.path.removeLast() }
      let file = findings.add(ConfigSource(name: path.printable, bytes: bytes, isFragment: true), isForgiving: true)
      var parser = LogrotateParser(bytes, file: file, reading: self)
      if parser.parse(&settings) { return true }
      settings = former
      return false
    }
  }

  /// Whether the bounds on all files allow this one.
  private func take(_ count: Int, _ path: FilePath, _ place: Position) -> Bool {
    guard count <= Limits.maxLogrotateFileBytes else {
      findings.error(
        "\(Wording.quoted(path)) has \(count) bytes; the limit is \(Limits.maxLogrotateFileBytes)", at: place)
      return false
    }
    guard filesLeft > 0, bytesLeft >= count else {
      findings.error(
        "\(Wording.quoted(path)) is left out: a config has at most \(Limits.maxConfigFiles) files and "
          + "\(Limits.maxConfigBytes) bytes", at: place)
      return false
    }
    filesLeft -= 1
    bytesLeft -= count
    return true
  }
}
