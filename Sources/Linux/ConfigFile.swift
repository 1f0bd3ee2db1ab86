package import Config
internal import CLinux
internal import Glibc
package import Rotation

/// The config on disk.
package enum ConfigFile {
  /// Reads and compiles a config; a file that cannot be read is a diagnostic at its first character.
  package static func load(_ path: FilePath) -> ConfigResult { loadWithSource(path).result }

  /// The same while the daemon runs, which waits for nobody who has yet to write: a pipe or a terminal is refused.
  package static func reload(_ path: FilePath) -> ConfigResult {
    var status = stat()
    guard (try? unsafe callWithPath(path) { unsafe stat($0, &status) }) != nil, status.st_mode & S_IFMT != S_IFREG
    else { return load(path) }
    let finding = Diagnostic(
      file: path.printable, line: 1, column: 1, message: "cannot be read again: it is no regular file",
      hint: "a config that is to be reloaded is a file")
    return ConfigResult(configuration: nil, diagnostics: [finding])
  }

  /// The same, with every finding shown on standard error; on a terminal with the line it is in and a caret. nil when
  /// the config cannot be used.
  package static func loadAndShow(_ path: FilePath) -> Configuration? {
    let (result, source) = loadWithSource(path)
    if !result.diagnostics.isEmpty {
      let isTerminal = isatty(STDERR_FILENO) != 0
      let wantsNoColor = unsafe getenv("NO_COLOR") != nil
      let renderer = DiagnosticRenderer(
        source: isTerminal ? source : nil, usesColor: isTerminal && !wantsNoColor)
      let text = Array(renderer.render(result.diagnostics).utf8)
      _ = unsafe write(STDERR_FILENO, text, text.count)
    }
    return result.configuration
  }

  private static func loadWithSource(_ path: FilePath) -> (result: ConfigResult, source: [UInt8]?) {
    do throws(Errno) {
      let bytes = try FileContent.read(path, limit: Limits.maxConfigBytes)
      // The parsed text of a large config takes many times what its jobs do, and libc would keep that.
      defer { malloc_trim(0) }
      return (ConfigReader.read(bytes, file: path.printable, system: SystemFacts.read()), bytes)
    } catch {
      let hint = error == .noEntry ? hintForMissing(path) : nil
      let finding = Diagnostic(
        file: path.printable, line: 1, column: 1, message: "cannot be read: \(error)", hint: hint)
      return (ConfigResult(configuration: nil, diagnostics: [finding]), nil)
    }
  }

  /// The example that `make install` puts beside the config, if it is there.
  private static func hintForMissing(_ path: FilePath) -> String {
    let example: FilePath = "\(path).example"
    guard (try? unsafe callWithPath(example) { unsafe access($0, R_OK) }) != nil else {
      return "name the config with --config FILE"
    }
    return "\(example) is one to begin with; or name the config with --config FILE"
  }
}
