import Config
import Rotation
import Timekeeping

/// Reads a config on a system with a few accounts.
func read(_ text: String) -> ConfigResult { read(Array(text.utf8)) }

func read(_ bytes: [UInt8]) -> ConfigResult {
  let users: [String: UInt32] = ["root": 0, "www-data": 33]
  let zones = ["Europe/Berlin": try? Zone(posix: "CET-1CEST,M3.5.0,M10.5.0/3")].compactMapValues(\.self)
  let groups: [String: UInt32] = ["root": 0, "adm": 4]
  let accounts = Accounts(user: { users[$0] }, group: { groups[$0] })
  return ConfigReader.read(
    bytes, file: "c.toml",
    system: SystemFacts(
      accounts: accounts, zones: { zones[$0] }, machine: "5a1e",
      programs: { $0 != "lz4" && $0 != "/opt/none" }))
}

/// The findings as `line:column: kind: message (hint)`.
func findings(_ result: ConfigResult) -> [String] {
  let renderer = DiagnosticRenderer()
  return result.diagnostics.map { String(renderer.render($0).dropFirst("c.toml:".count)) }
}
