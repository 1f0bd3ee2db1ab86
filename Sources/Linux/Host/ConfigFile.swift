package import Config
internal import CLinux
internal import Glibc
package import Rotation

/// The config on disk.
package enum ConfigFile {
  /// Why a config cannot be used, in one line, and the exit code of the program.
  package struct Unusable: Error {
    package var message: String
    /// EX_CONFIG if somebody has to correct the config or its path; 1 if it may be readable at the next try, because a
    /// service manager starts a service again after 1; 0 if a stop was requested.
    package var exitCode: Int32
  }

  /// The result of reading a config.
  private struct Reading {
    var result: ConfigResult
    var sources: [ConfigSource]
    /// The directories that have these files, or whose names decide which files these are.
    var directories: Set<FilePath>
    /// An error of a file or of a look-up that may be gone at the next try.
    var passing: Errno?

    /// The same for the same text of all files, whatever is in their directories besides.
    var sha256: String {
      let bytes = sources.map(\.bytes)
      // What could not be read is no text, but says what is missing.
      let missing = result.configuration == nil ? result.diagnostics.map { Array($0.message.utf8) } : []
      return ConfigDigest.hexadecimal(of: bytes + missing)
    }
  }

  /// What tells whether a config has changed.
  package struct Fingerprint {
    var sha256: String
    var directories: Set<FilePath>
  }

  /// Reads a config again for its fingerprint alone.
  static func fingerprint(_ path: FilePath, format: ConfigFormat?) -> Fingerprint {
    reload(path, format: format).fingerprint
  }

  /// The directories that have the files of a config, or whose names decide which files these are.
  package static func directories(_ path: FilePath, format: ConfigFormat?) -> [FilePath] {
    read(path, format).directories.sorted()
  }

  /// Reads and compiles a config; a file that cannot be read is a diagnostic at its first character. Without a `format`, the
  /// text says which language it is.
  package static func load(_ path: FilePath, format: ConfigFormat? = nil) -> ConfigResult {
    read(path, format).result
  }

  /// The config to start with; its diagnostics go to `report`. `signals`, which are blocked, end the wait for a config
  /// that comes through a pipe.
  package static func load(
    _ path: FilePath, format: ConfigFormat? = nil, unlessPending signals: [Int32], report: (Diagnostic) -> Void
  ) throws(Unusable) -> Configuration {
    let reading = read(path, format, unlessPending: signals)
    if reading.passing == Errno(EINTR) {
      throw Unusable(message: "stopped before the config could be read", exitCode: 0)
    }
    for diagnostic in reading.result.diagnostics { report(diagnostic) }
    return try usable(reading)
  }

  /// The same while the daemon runs, which waits for no writer of a pipe: a pipe or a terminal is refused. An error in
  /// logrotate's language, which leaves out a stanza at the start, leaves the config in force as it is.
  package static func reload(
    _ path: FilePath, format: ConfigFormat? = nil
  ) -> (result: ConfigResult, fingerprint: Fingerprint) {
    let reading = isReadAtOnce(path) ? read(path, format) : refusal(of: path)
    var result = reading.result
    if result.diagnostics.contains(where: { $0.severity == .error }) { result.configuration = nil }
    return (result, Fingerprint(sha256: reading.sha256, directories: reading.directories))
  }

  /// Whether nobody has to write before this can be read; what is not there is read at once, too.
  private static func isReadAtOnce(_ path: FilePath) -> Bool {
    var status = stat()
    guard (try? unsafe callWithPath(path) { unsafe stat($0, &status) }) != nil else { return true }
    return [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  private static func refusal(of path: FilePath) -> Reading {
    let finding = Diagnostic(
      file: path.printable, line: 1, column: 1,
      message: "cannot be read again: it is neither a regular file nor a directory",
      hint: "only a regular file or a directory can be reloaded")
    return Reading(
      result: ConfigResult(configuration: nil, diagnostics: [finding]), sources: [], directories: [path.split.directory]
    )
  }

  /// Reads and compiles a config, and shows every diagnostic on standard error; on a terminal with its line and a
  /// caret. With `offline`, nothing is looked up that may differ on another machine: users, groups and programs count
  /// as present. With `strictly`, no error is passed over, not even one that only leaves out a stanza in logrotate's language.
  package static func loadAndShow(
    _ path: FilePath, format: ConfigFormat? = nil, unlessPending signals: [Int32] = [], offline: Bool = false,
    strictly: Bool = false
  ) throws(Unusable) -> Configuration {
    var reading = read(path, format, unlessPending: signals, isOffline: offline)
    let diagnostics = reading.result.diagnostics
    if reading.passing == Errno(EINTR) {
      throw Unusable(message: "stopped before the config could be read", exitCode: 0)
    }
    if !diagnostics.isEmpty {
      let isTerminal = isatty(STDERR_FILENO) != 0
      let wantsNoColor = ProcessEnvironment.text(of: "NO_COLOR")?.isEmpty == false
      let renderer = DiagnosticRenderer(
        sources: isTerminal ? reading.sources : [], usesColor: isTerminal && !wantsNoColor)
      let text = Array(renderer.render(diagnostics).utf8)
      _ = unsafe write(STDERR_FILENO, text, text.count)
    }
    if strictly, diagnostics.contains(where: { $0.severity == .error }) { reading.result.configuration = nil }
    return try usable(reading)
  }

  private static func usable(_ reading: Reading) throws(Unusable) -> Configuration {
    if let configuration = reading.result.configuration { return configuration }
    guard let errno = reading.passing else {
      throw Unusable(message: "the config has errors", exitCode: EX_CONFIG)
    }
    throw Unusable(message: "the config cannot be read at the moment: \(errno)", exitCode: 1)
  }

  private static func read(
    _ path: FilePath, _ format: ConfigFormat?, unlessPending signals: [Int32] = [], isOffline: Bool = false
  ) -> Reading {
    var reading = readAll(path, format, unlessPending: signals, isOffline: isOffline)
    // Files in logrotate's language count, too.
    let sha256 = reading.sha256
    reading.result.configuration?.sha256 = sha256
    return reading
  }

  private static func readAll(
    _ path: FilePath, _ format: ConfigFormat?, unlessPending signals: [Int32], isOffline: Bool
  ) -> Reading {
    // The parsed text of a large config takes much more memory than its jobs, and libc would keep that memory.
    defer { malloc_trim(0) }
    let lookUps = LookUpFailure()
    var facts = SystemFacts.read(noting: lookUps)
    if isOffline {
      facts.accounts = Accounts(user: { _ in 0 }, group: { _ in 0 })
      facts.programs = { _ in true }
    }
    let reader = LogrotateFileReader()
    if format == .logrotate {
      let result = ConfigReader.read(logrotate: path, system: facts, files: reader.files)
      return Reading(
        result: result, sources: reader.sources, directories: reader.directories,
        passing: reader.passing ?? lookUps.errno)
    }
    let files = ConfigSources(path, unlessPending: signals)
    if format == nil, files.diagnostics.isEmpty, files.sources.count == 1, let main = files.sources.first,
      main.name == path.printable, ConfigFormat.of(main.bytes) == .logrotate
    {
      let result = ConfigReader.read(logrotate: path, system: facts, files: reader.files(beginningWith: main, at: path))
      return Reading(
        result: result, sources: [main] + reader.sources, directories: files.directories.union(reader.directories),
        passing: reader.passing ?? lookUps.errno)
    }
    var result = ConfigReader.read(files.sources, system: facts, files: reader.files)
    if !files.diagnostics.isEmpty {
      // The file that could not be read may have what the other files lack.
      result = ConfigResult(
        configuration: nil, diagnostics: files.diagnostics + result.diagnostics)
    }
    return Reading(
      result: result, sources: files.sources + reader.sources,
      directories: files.directories.union(reader.directories),
      passing: files.passing ?? reader.passing ?? lookUps.errno)
  }
}
