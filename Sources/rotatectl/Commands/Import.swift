internal import ArgumentParser
internal import Config
internal import Glibc
internal import Linux
internal import Rotation

/// `rotatectl import`: files in logrotate's language as fragments of a TOML config.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the jobs of files in logrotate's language as TOML.",
    discussion:
      "Scripts that only notify a daemon become `notify`; all others stay shell commands. A job that cannot mean the same is "
      + "a comment with the reason. Comments of the files are kept. Prints the fragments, or writes one for each file that "
      + "was read, NAME.toml, and replaces none. Changes nothing else.")

  @Argument(help: "Files or directories in logrotate's language, in the order in which they are read.")
  var paths: [String] = ["/etc/logrotate.conf"]

  @Option(help: "Write one file for each source file to this directory, which must exist.", completion: .directory)
  var output: String?

  func run() throws {
    let reader = LogrotateFileReader()
    let all = paths.map { FilePath($0) }
    for path in all where !path.isAbsolute {
      Output.error("rotatectl: \(path.printable) is not an absolute path")
      throw ExitCode(64)
    }
    let imported = LogrotateImport(all, system: SystemFacts.read(), files: reader.files)
    let renderer = DiagnosticRenderer()
    for diagnostic in imported.diagnostics { Output.error(renderer.render(diagnostic)) }
    guard !imported.fragments.isEmpty else {
      Output.error("rotatectl: no stanza was found")
      throw ExitCode(78)
    }
    if let output { try write(imported, to: FilePath(output)) } else { show(imported) }
    let disabled = imported.fragments.reduce(0) { $0 + $1.disabled }
    if disabled > 0 {
      Output.error("rotatectl: \(disabled) job\(disabled == 1 ? " is" : "s are") a comment, with the reason")
    }
    guard !imported.diagnostics.contains(where: { $0.severity == .error }) else { throw ExitCode(78) }
  }

  private func show(_ imported: LogrotateImport) {
    Output.line(imported.fragments.map(\.text).joined(separator: "\n"))
  }

  /// Writes every fragment, or none of them if a name is taken.
  private func write(_ imported: LogrotateImport, to directory: FilePath) throws {
    var names: [FilePath] = []
    for fragment in imported.fragments {
      let base = fragment.source.split.name
      var name = directory.appending("\(base).toml")
      var number = 2
      while names.contains(name) {
        name = directory.appending("\(base)-\(number).toml")
        number += 1
      }
      names.append(name)
    }
    for (name, fragment) in zip(names, imported.fragments) {
      do throws(Errno) {
        try NewFile.write(Array(fragment.text.utf8), to: name)
        Output.line("\(name.printable): \(fragment.jobs.count) of \(fragment.jobs.count + fragment.disabled) jobs")
      } catch {
        Output.error("rotatectl: \(name.printable) cannot be written: \(error)")
        throw ExitCode.failure
      }
    }
  }
}
