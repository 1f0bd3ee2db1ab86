internal import Glibc
internal import Rotation
package import Timekeeping

/// The local time zone, found as by tzset(3), but read from its file on each call.
package enum LocalZone {
  private static let localtime = "/etc/localtime"
  private static let directory = "/usr/share/zoneinfo"
  /// Far more bytes than any zone file has.
  private static let limit = 1 << 20

  /// The zone of `$TZ` if that is set, else of /etc/localtime. If it cannot be read, UTC and the problem.
  package static func load() -> (zone: Zone, problem: String?) {
    guard let variable = ProcessEnvironment.text(of: "TZ") else { return file(localtime) }
    let name = variable.hasPrefix(":") ? String(variable.dropFirst()) : variable
    if name.isEmpty { return (.utc, nil) }
    let found = file(name.hasPrefix("/") ? name : "\(directory)/\(name)")
    guard found.problem != nil, let zone = try? Zone(posix: name) else { return found }
    return (zone, nil)
  }

  private static func file(_ path: String) -> (zone: Zone, problem: String?) {
    do throws(Errno) {
      let bytes = try FileContent.read(FilePath(path), limit: limit)
      guard let zone = try? Zone(name: path, tzif: bytes) else { return (.utc, "\(path) is not a time zone file") }
      return (zone, nil)
    } catch .noEntry where path == localtime {
      // tzset(3): a system without the file uses UTC.
      return (.utc, nil)
    } catch {
      return (.utc, "cannot read the time zone \(path): \(error)")
    }
  }
}
