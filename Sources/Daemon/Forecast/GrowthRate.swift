package import Timekeeping

/// How fast a log grows, measured by what is there of it.
package struct GrowthRate: Hashable, Sendable {
  /// Bytes a second of the log.
  package var bytesPerSecond: Double
  /// Of a byte of the log, what its compressed archive takes.
  package var ratio: Double
  /// Whether the ratio was measured.
  package var isRatioMeasured = false

  /// What is measured of an archive: its size, and when its last line was written.
  package typealias Archive = (bytes: Int64, modified: WallTime, isCompressed: Bool)

  /// What text of logs is compressed to where nothing was measured.
  package static let usualRatio = 0.1

  /// A file of a log, and the time in which it was filled.
  package struct Sample: Hashable, Sendable {
    /// Bytes of the file.
    package var bytes: Int64
    package var seconds: Double
    package var isCompressed: Bool

    package init(bytes: Int64, seconds: Double, isCompressed: Bool) {
      (self.bytes, self.seconds, self.isCompressed) = (bytes, seconds, isCompressed)
    }
  }

  package init(bytesPerSecond: Double, ratio: Double = GrowthRate.usualRatio) {
    (self.bytesPerSecond, self.ratio) = (bytesPerSecond, ratio)
  }

  /// From the files of one log; nil where they say nothing. A file of hours says more than one of seconds, so all of the bytes are
  /// divided by all of the time.
  package init?(_ samples: [Sample]) {
    func rate(_ compressed: Bool) -> Double? {
      let chosen = samples.filter { $0.isCompressed == compressed && $0.seconds > 0 }
      let seconds = chosen.reduce(0) { $0 + $1.seconds }
      // Of less than a minute nothing can be said of days.
      return seconds < 60 ? nil : chosen.reduce(0) { $0 + Double(max(0, $1.bytes)) } / seconds
    }
    let (plain, compressed) = (rate(false), rate(true))
    switch (plain, compressed) {
    case (let plain?, let compressed?) where plain > 0:
      // A log of random bytes grows a little by its compression.
      self.init(bytesPerSecond: plain, ratio: min(1.1, max(0.001, compressed / plain)))
      isRatioMeasured = true
    case (let plain?, nil): self.init(bytesPerSecond: plain)
    case (_, let compressed?): self.init(bytesPerSecond: compressed / Self.usualRatio)
    case (nil, nil): return nil
    }
  }

  /// The files of a log as samples: the live one since it was begun, and each archive since the one before it.
  package static func samples(
    live: Int64?, begun: WallTime?, archives: [Archive], now: WallTime
  ) -> [Sample] {
    var samples: [Sample] = []
    let newest = archives.first?.modified
    if let live, let start = [begun, newest].compactMap(\.self).max(), start < now {
      samples.append(Sample(bytes: live, seconds: Self.seconds(now - start), isCompressed: false))
    }
    for (archive, older) in zip(archives, archives.dropFirst()) where older.modified < archive.modified {
      let seconds = Self.seconds(archive.modified - older.modified)
      samples.append(Sample(bytes: archive.bytes, seconds: seconds, isCompressed: archive.isCompressed))
    }
    return samples
  }

  private static func seconds(_ span: Span) -> Double { Double(span.nanoseconds) / 1e9 }
}
