package import Config
internal import Rotation

extension SystemFacts {
  /// The facts of this system, with the zones and the machine's id read anew.
  package static func read() -> SystemFacts {
    let zones = SystemZones()
    return SystemFacts(accounts: SystemAccounts.accounts, zones: { zones.zone($0) }, machine: machineID())
  }

  /// The content of /etc/machine-id (machine-id(5)); where there is none, the host has no name of its own, and each
  /// such host delays a job by the same.
  private static func machineID() -> String {
    guard let bytes = try? FileContent.read("/etc/machine-id", limit: 1 << 12) else { return "" }
    return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
  }
}
