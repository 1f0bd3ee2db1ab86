/// Every bound of the program on what it takes in, in one place.
package enum Limits {
  /// The greatest `keep`.
  package static let maxKeep = 9_999
  /// The greatest number that is read as an archive's version: a rotation shifts version `maxKeep` up by one before
  /// it prunes. What has a greater number behind its name (a date, an id) is a file of its own.
  package static let maxVersion = maxKeep + 1

  /// The greatest number that tells archives of one date apart.
  package static let maxSequence = 999_999_999
  /// The bytes of a date format.
  package static let maxDateFormatBytes = 100

  /// The shortest time between two turns of a job; below it a job would be a busy loop.
  package static let shortestSpan = Span.milliseconds(10)
  /// The longest: a hundred years, far from where 64 bits of nanoseconds end.
  package static let longestSpan = Span.seconds(100 * 31_557_600)

  /// How late a due time may be noticed before it counts as missed: more than a restart takes, or a busy second.
  package static let punctuality = Span.seconds(60)
  /// The greatest jitter.
  package static let longestJitter = Span.seconds(31 * 86_400)

  /// The greatest mode of a log: permission bits alone, neither set-id nor sticky.
  package static let maxMode: UInt32 = 0o777

  /// The bytes of one path, without the final NUL (PATH_MAX).
  package static let maxPathBytes = 4_095
  /// The bytes of one name in a directory (NAME_MAX).
  package static let maxNameBytes = 255
  /// The bytes of a job's name.
  package static let maxJobNameBytes = 255

  /// The bytes of a config file.
  package static let maxConfigBytes = 64 << 20
  /// The greatest number of children that compress at a time.
  package static let maxChildren = 256
  /// How many names a dotted key may have (`a.b.c` has three); the parser recurses once for each.
  package static let maxKeyDepth = 100
  /// How many warnings one reading of a config gives, before the rest is only counted.
  package static let maxWarnings = 100

  /// How long the state remembers a log that is rotated no more: longer than a monthly job may be late.
  package static let stateMemory = Span.seconds(40 * 86_400)

  /// How often an archive is looked at after each sign that its writer may have let go: after 1 ms, 4 ms and so on, up
  /// to a second. The sign comes a little before the fact, by up to 79 ms on xfs.
  package static let releaseLooks = 6

  /// How long a compressor may take for so many bytes: an hour, and more for what would come to less than 64 KiB a second.
  package static func compressionLimit(bytes: Int64) -> Span { .seconds(3600 + bytes / 65_536) }

  /// Turns in progress at a time. All run on one thread; more would only hold more memory.
  package static let maxTurns = 256

  /// How long to wait before a failed turn is tried again, after so many tries: 1 s, doubled up to 5 min. The first
  /// is short, for a disk that was full for a moment; the last bounds the noise of one that stays broken.
  package static func retryDelay(attempts: Int) -> Span {
    .seconds(min(300, 1 << Int64(min(attempts, 9))))
  }
}
