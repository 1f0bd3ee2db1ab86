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
    /// An error of a file or of a look-up that may be gone at the next try.
    var passing: Errno?
  }

  /// Reads and compiles a config; a file that cannot be read is a diagnostic at its first character.
  package static func load(_ path: FilePath) -> ConfigResult { read(path).result }

  /// The config to start with; its diagnostics go to `report`. `signals`, which are blocked, end the wait for a config
  /// that comes through a pipe.
  package static func load(
    _ path: FilePath, unlessPending signals: [Int32], report: (Diagnostic) -> Void
  ) throws(Unusable) -> Configuration {
    let reading = read(path, unlessPending: signals)
    if reading.passing == Errno(EINTR) {
      throw Unusable(message: "stopped before the config could be read", exitCode: 0)
    }
    for diagnostic in reading.result.diagnostics { report(diagnostic) }
    return try usable(reading)
  }

  /// Reads and compiles the config again while the daemon runs, which must not wait for input: a pipe or a terminal is
  /// refused.
  package static func reload(_ path: FilePath) -> ConfigResult {
    var status = stat()
    guard (try? unsafe callWithPath(path) { unsafe stat($0, &status) }) != nil,
      status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR
    else { return load(path) }
    let finding = Diagnostic(
      file: path.printable, line: 1, column: 1,
      message: "cannot be read again: it is neither a regular file nor a directory",
      hint: "only a regular file or a directory can be reloaded")
    return ConfigResult(configuration: nil, diagnostics: [finding])
  }

  /// Reads and compiles a config, and shows every diagnostic on standard error; on a terminal with its line and a
  /// caret. With `offline`, nothing is looked up that may differ on another machine: users, groups and programs count
  /// as present.
  package static func loadAndShow(
    _ path: FilePath, unlessPending signals: [Int32] = [], offline: Bool = false
  ) throws(Unusable) -> Configuration {
    let reading = read(path, unlessPending: signals, isOffline: offline)
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
    _ path: FilePath, unlessPending signals: [Int32] = [], isOffline: Bool = false
  ) -> Reading {
    let files = ConfigSources(path, unlessPending: signals)
    // The parsed text of a large config takes much more memory than its jobs, and libc would keep that memory.
    defer { malloc_trim(0) }
    let lookUps = LookUpFailure()
    var facts = SystemFacts.read(noting: lookUps)
    if isOffline {
      facts.accounts = Accounts(user: { _ in 0 }, group: { _ in 0 })
      facts.programs = { _ in true }
    }
    var result = ConfigReader.read(files.sources, system: facts)
    if !files.diagnostics.isEmpty {
      // The file that could not be read may have what the other files lack.
      result = ConfigResult(
        configuration: nil, diagnostics: files.diagnostics + result.diagnostics)
    }
    return Reading(result: result, sources: files.sources, passing: files.passing ?? lookUps.errno)
  }
}
