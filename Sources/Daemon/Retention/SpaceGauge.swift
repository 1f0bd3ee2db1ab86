package import Config
internal import EventLoop
internal import Rotation
package import Timekeeping

/// The free space of a file system compared with its two bounds, and when to measure again. It is pure: measurements go
/// in.
///
/// The kernel does not report that a disk fills up, so the space must be measured. The pause follows from how long the
/// disk can last: half of the time until the next bound is reached, at twice the recent pace of the fall or at the pace
/// that fills the disk in an hour (`Limits.fastestFill`), whichever is faster. Close to a bound the pause is a second
/// while the space falls, and grows up to a minute while it does not. A disk that is half empty is measured every few
/// minutes, which takes some microseconds; rotations and compressions request measurements of their own.
package struct SpaceGauge: Hashable, Sendable {
  /// The state of the free space.
  package enum Stage: Int, Comparable, Hashable, Sendable {
    case plenty
    /// Below the bound for a warning.
    case low
    /// Below the bound at which archives are removed.
    case acting

    package static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
  }

  private let warnFree: FreeSpace?
  private let keepFree: FreeSpace?
  package private(set) var stage = Stage.plenty
  /// The last measurement, in bytes.
  package private(set) var free: Int64 = 0
  package private(set) var total: Int64 = 0
  private var measuredAt: MonotonicTime?
  /// Bytes per second by which the free space falls. Each measurement halves it, unless the space falls faster than
  /// that.
  private var pace: Int64 = 0
  /// The least pause, which the last measurements have determined.
  private var least = Limits.shortestSpacePause

  package init(warnFree: FreeSpace?, keepFree: FreeSpace?) {
    self.warnFree = warnFree
    self.keepFree = keepFree
  }

  /// The bytes below which archives are removed; 0 if none are.
  package var keepBytes: Int64 { keepFree?.bytes(of: total) ?? 0 }

  /// The bytes below which there is a warning: never less than `keepBytes`.
  package var warnBytes: Int64 { max(warnFree?.bytes(of: total) ?? 0, keepBytes) }

  /// The bound that was crossed, as in the config: `5%`, `10G`.
  package var bound: String {
    let crossed = stage == .acting ? keepFree : warnFree ?? keepFree
    return crossed?.description ?? ""
  }

  /// Adds a measurement. A stage ends only when a tenth more than its bound is free, so that a value that moves around
  /// a bound is reported once.
  package mutating func note(free: Int64, total: Int64, at time: MonotonicTime) {
    if let last = measuredAt, time > last {
      let milliseconds = max(1, (time - last).nanoseconds / 1_000_000)
      let fall = max(0, self.free - free)
      let twice = least * 2
      if fall > 0 {
        least = Limits.shortestSpacePause
      } else if time >= last.advanced(by: least) {
        // A measurement before the pause has ended, as after a removal, does not lengthen the pause.
        least = min(Limits.quietSpacePause, twice)
      }
      pace = max(fall.saturatingMultiply(1000) / milliseconds, pace / 2)
    }
    measuredAt = time
    (self.free, self.total) = (free, total)
    let entered: Stage = free < keepBytes ? .acting : free < warnBytes ? .low : .plenty
    let held: Stage = free < Self.relief(keepBytes) ? .acting : free < Self.relief(warnBytes) ? .low : .plenty
    stage = entered > stage ? entered : min(stage, held)
  }

  /// When to measure again.
  package var nextLook: MonotonicTime? {
    guard let measuredAt else { return nil }
    let bound = free >= warnBytes ? warnBytes : keepBytes
    let expected = max(pace.saturatingMultiply(2), total / Limits.fastestFill, 1)
    let seconds = max(0, free - bound) / 2 / expected
    let delay = min(Limits.longestSpacePause, max(least, .seconds(seconds)))
    return measuredAt.advanced(by: delay)
  }

  /// `3% (1.2G) free`.
  package var description: String {
    let percent = total > 0 ? free / max(1, total / 100) : 0
    return "\(percent)% (\(ByteSize.describe(free))) free"
  }

  private static func relief(_ bound: Int64) -> Int64 { bound.saturatingAdd(bound / 10) }
}

extension FreeSpace {
  /// The bound in bytes, for a file system of that size.
  package func bytes(of total: Int64) -> Int64 {
    switch self {
    case .bytes(let bytes): bytes
    case .basisPoints(let points): total / 10_000 * Int64(points) + total % 10_000 * Int64(points) / 10_000
    }
  }

  /// The bound as in a config.
  package var description: String {
    switch self {
    case .bytes(let bytes): return ByteSize.describe(bytes)
    case .basisPoints(let points):
      let (whole, part) = (points / 100, points % 100)
      guard part > 0 else { return "\(whole)%" }
      return part % 10 == 0 ? "\(whole).\(part / 10)%" : "\(whole).\(part < 10 ? "0" : "")\(part)%"
    }
  }
}
