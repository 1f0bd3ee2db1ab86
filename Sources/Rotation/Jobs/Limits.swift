package import Timekeeping

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

  /// The shortest time between two runs of a job; below it a job would be a busy loop.
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

  /// The files of a config.
  package static let maxConfigFiles = 10_000
  /// The bytes of all files of a config.
  package static let maxConfigBytes = 64 << 20
  /// The greatest number of children that compress at a time.
  package static let maxChildren = 256
  /// How many names a dotted key may have (`a.b.c` has three); the parser recurses once for each.
  package static let maxKeyDepth = 100
  /// How many warnings one reading of a config gives, before the rest is only counted.
  package static let maxWarnings = 100

  /// Rotations of one run that are reported one by one with the priority `info`; those after them have the priority `debug`, and
  /// the run is summed up.
  package static let maxSingleReports = 10

  /// How long the state remembers a log that is rotated no more: longer than a monthly job may be late.
  package static let stateMemory = Span.seconds(40 * 86_400)

  /// Between two checks of an archive that a writer holds, since the last event that said that the writer may have closed it.
  /// The event comes a little before the fact, by up to 79 ms on xfs, and where watches have run out it never comes.
  package static let releaseDelays = Delays(first: .milliseconds(1), factor: 4, longest: .seconds(3600))

  /// The same where watches have run out.
  package static let unwatchedReleaseDelays = Delays(first: .milliseconds(1), factor: 4, longest: .seconds(60))

  /// How long an archive is left alone after a process opened it for writing and so ended its compression.
  package static let breakDelays = Delays(first: .milliseconds(100), longest: .seconds(300))

  /// Between two warnings about a writer that does not let go of an archive, given its `reopen-timeout`.
  package static func warningDelays(timeout: Span) -> Delays {
    Delays(first: timeout * 2, longest: min(timeout * 64, max(.seconds(3600), timeout)))
  }

  /// Bytes of a compressor's output that the loop brings to disk itself; what is larger a child does, beside the loop.
  package static let syncedByLoop: Int64 = 4 << 20

  /// The bytes of a file that are read, or of a log that are copied and brought to disk, between two chances for everything else;
  /// the latter is a multiple of every block size. A piece of work is not to take more than 10 ms.
  package static let pieceBytes: Int64 = 1 << 20
  package static let copyChunk: Int64 = 1 << 20
  /// How close a copy follows the writer.
  package static let copyLag: Int64 = 8 << 20
  /// The bytes of a log that are made a hole at a time; a multiple of every cluster of blocks.
  package static let punchChunk: Int64 = 8 << 20
  /// The longest line that the end of is looked for; a log whose last line is longer is left as it is.
  package static let longestLine: Int64 = 64 << 20
  /// Descriptors of the whole machine, at some microseconds each, that are looked at for writers without O_APPEND.
  package static let mostDescriptors = 200_000
  /// How often the copying of a log goes after what was written meanwhile, before it is content with what it has.
  package static let copyRounds = 4
  /// The bytes of filler that a cut may leave: a cluster of blocks.
  package static let maxPadding: Int64 = 1 << 20
  /// How long it is believed who writes without O_APPEND; a look at every descriptor of the machine takes its time.
  package static let offsetWriterMemory = Span.seconds(1)

  /// Between two checks of how far a compressor has come.
  package static let progressDelays = Delays(first: .seconds(1), longest: .seconds(15))
  /// How long a compression has its place for itself: then other owners' archives begin beside it.
  package static let compressionShare = Span.seconds(60)
  /// How long a compressor may read and write nothing before the operator is told, and before it is killed.
  package static let stillWarning = Span.seconds(60)
  package static let stillLimit = Span.seconds(600)
  /// How much more room than a sparse archive has its compressed copy may take, in bytes.
  package static let sparseGrowth: Int64 = 1 << 20
  /// Archives that are remembered as not worth a compression.
  package static let maxLeftPlain = 4_096
  /// How long the end of a copy may take to reach the disk: an hour, and more for what would come to less than 64 KiB a second.
  package static func syncLimit(bytes: Int64) -> Span { .seconds(3600 + max(0, bytes) / 65_536) }

  /// The pauses between two looks at the free space of a file system, unless something of ours has changed it.
  package static let shortestSpacePause = Span.seconds(1)
  package static let longestSpacePause = Span.seconds(600)
  /// The longest of them near a bound, while the free space does not fall: each pause is twice the one before, up to this.
  package static let quietSpacePause = Span.seconds(60)
  /// How fast a disk that was never seen to fill is taken to fill: all of it in so many seconds.
  package static let fastestFill: Int64 = 3600
  /// How long a file system may take to give back the room of what was removed: two commits of btrfs.
  package static let freeingTime = Span.seconds(60)
  /// Logs that retention looks at, and archives that it removes, between two chances for everything else.
  package static let retentionSlice = 64
  package static let removalSlice = 16
  /// Retention looks again after so many times as long as its last look took: of 10,000 logs that are rotated one by one, not
  /// each is a look at all of them.
  package static let retentionRest: Int64 = 19
  /// How long the service manager may take to reload a unit: a little longer than it gives the unit itself by default.
  package static let unitLimit = Span.seconds(100)
  /// How long problems are gathered for one call of a command of `on-failure`.
  package static let failureGathering = Span.seconds(1)
  /// Calls of commands of `on-failure` that wait.
  package static let maxFailureCalls = 100
  /// How long a command of `before` or `on-failure` may take.
  package static let beforeLimit = Span.seconds(60)
  /// Commands of `before` and `notify` that run at a time.
  package static let maxCommands = 32
  /// How long a notice waits for runs that may add logs to it: longer than their commands of `before` may take.
  package static let hookHold = Span.seconds(90)
  /// How long logs whose writers are to be told again are gathered, so that those of one notice are told together.
  package static let notifyAgainGathering = Span.milliseconds(100)
  /// How long a daemon that stops waits for the notices that it owes.
  package static let stopPatience = Span.seconds(10)
  /// Rotations of one log that are remembered as not yet told, and archives of one that are remembered as not yet seen without
  /// a writer; the oldest are forgotten first.
  package static let maxOwed = 64
  /// Archives of one log that are remembered as made by rotations, where their names could be those of logs; the oldest
  /// are forgotten first.
  package static let maxMade = 10_000
  /// Namings of one log's archives that are remembered; the oldest are forgotten first.
  package static let maxNames = 4
  /// The bytes of one variable that a command of `notify` gets; the kernel takes 128 KiB (execve(2)).
  package static let maxVariableBytes = 96 << 10
  /// How long a log whose rotation was undone is not rotated for its size.
  package static let undoDelays = Delays(first: .seconds(60), longest: .seconds(3600))
  /// How long after an undone rotation the empty new log keeps a name: whoever has just opened it is seen by then.
  package static let undoPause = Span.milliseconds(200)
  /// The shortest wait between two looks at the size of a growing log: what it costs is paid near the limit alone.
  package static let shortestGrowthLook = Span.milliseconds(1)
  /// The longest, unless no writer could reach the limit meanwhile; a log that has not grown for so long rests.
  package static let longestGrowthLook = Span.seconds(1)
  /// The longest even so.
  package static let longestSafeLook = Span.seconds(10)
  /// Bytes a second that no writer is thought to exceed.
  package static let fastestGrowth: Int64 = 4 << 30
  /// Time between two looks at what cannot be watched: a log beyond the user's limit of watches, a network file system.
  package static let unwatchedLook = Span.seconds(10)

  /// Runs in progress at a time. All run on one thread; more would only hold more memory.
  package static let maxRuns = 256

  /// Before what has failed is tried again. The first delay is short, for a disk that was full for a moment; the longest bounds
  /// the noise of one that stays broken.
  package static let retryDelays = Delays(first: .seconds(1), longest: .seconds(300))
}
