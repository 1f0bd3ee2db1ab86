package import Config
internal import Glibc
internal import Rotation

extension SystemFacts {
  /// The facts of this system; the zones and the machine id are read on each call. Failed look-ups are recorded.
  package static func read(noting failure: LookUpFailure = LookUpFailure()) -> SystemFacts {
    let zones = SystemZones(noting: failure)
    return SystemFacts(
      accounts: SystemAccounts.accounts(noting: failure), zones: { zones.zone($0) }, machine: machineID(),
      programs: isInstalled)
  }

  /// Whether execvp(3) would find a program, and it is executable.
  private static func isInstalled(_ program: String) -> Bool {
    if program.utf8.first == UInt8(ascii: "/") { return unsafe access(program, X_OK) == 0 }
    return ProcessEnvironment.searchPath.contains { unsafe access("\($0)/\(program)", X_OK) == 0 }
  }

  /// The content of /etc/machine-id (machine-id(5)). Without that file the host has no id, and all such hosts delay a
  /// job equally.
  private static func machineID() -> String {
    guard let bytes = try? FileContent.read("/etc/machine-id", limit: 1 << 12) else { return "" }
    return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
  }
}
