import Glibc
import Rotation
import Timekeeping

/// Zones of the system's tzdata, and the output of the system's own programs about them.
enum ZoneSamples {
  static let directory = "/usr/share/zoneinfo/"

  /// Whether there is tzdata to test with.
  static let areInstalled = unsafe access(directory + "Europe/Berlin", R_OK) == 0

  /// The bytes of a file under /usr/share/zoneinfo; empty if there is none.
  static func bytes(of name: String) -> [UInt8] {
    guard let file = unsafe fopen(directory + name, "re") else { return [] }
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }

  static func zone(_ name: String) throws -> Zone {
    try Zone(name: name, tzif: bytes(of: name))
  }

  /// The zone with this name, as a program that has read it before would get it.
  static func cached(_ name: String) -> Zone? { known[name] }

  private static let known: [String: Zone] = {
    var zones: [String: Zone] = [:]
    for name in CalendarDifferentialTests.zones {
      zones[name] = try? zone(name)
    }
    return zones
  }()

  /// The output of a shell command; nothing if it cannot run.
  static func text(of command: String) -> String {
    guard let pipe = unsafe popen(command, "re") else { return "" }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe fread(&chunk, 1, chunk.count, pipe)
      guard count > 0 else { break }
      text += chunk[..<count]
    }
    _ = unsafe pclose(pipe)
    return String(decoding: text, as: UTF8.self)
  }

  static let hasZdump = unsafe access("/usr/bin/zdump", X_OK) == 0
}

/// What the clocks show, as in `2026-03-29 03:00:00 CEST`.
func show(_ time: WallTime, in zone: Zone) -> String {
  "\(show(zone.localTime(at: time))) \(zone.abbreviation(at: time))"
}

func show(_ local: LocalTime) -> String {
  func padded(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
  return "\(padded(local.year, 4))-\(padded(local.month))-\(padded(local.day)) "
    + "\(padded(local.hour)):\(padded(local.minute)):\(padded(local.second))"
}

/// A reading written as in `2026-03-29 03:00:00`, or with parts left off at the end.
func local(_ text: String) -> LocalTime {
  let numbers = text.split { !$0.isNumber }.compactMap { Int($0) } + [0, 0, 0]
  return LocalTime(
    year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4], second: numbers[5])
}

/// A moment written as UTC.
func utc(_ text: String) -> WallTime { WallTime(seconds: local(text).secondsAsUTC) }

/// Numbers that are the same on each run of a seed (splitmix64).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
