package import Config
internal import Rotation

/// The config on disk.
package enum ConfigFile {
  /// Reads and compiles a config; a file that cannot be read is a diagnostic at its first character.
  package static func load(_ path: String) -> ConfigResult {
    do throws(Errno) {
      let bytes = try FileContent.read(path, limit: Limits.maxConfigBytes)
      return ConfigReader.read(bytes, file: path, accounts: SystemAccounts.accounts)
    } catch {
      let hint = error == .noEntry ? "name the config with --config FILE" : nil
      let finding = Diagnostic(file: path, line: 1, column: 1, message: "cannot be read: \(error)", hint: hint)
      return ConfigResult(configuration: nil, diagnostics: [finding])
    }
  }
}
