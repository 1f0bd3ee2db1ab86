package import Timekeeping

/// Every limit of the program, in one place.
package enum Limits {
  /// The greatest `keep`.
  package static let maxKeep = 9_999
  /// The greatest number that counts as an archive's version: a rotation shifts version `maxKeep` up by one before it
  /// prunes. A file with a greater number after the name (a date, an id) is no archive.
  package static let maxVersion = maxKeep + 1
  /// The greatest number that the newest archive may have in its name.
  package static let maxFirstNumber = 1_000_000

  /// How many versions a rotation moves up by exchanges; the state has their inodes meanwhile. What is older is shifted.
  package static let maxExchanges = 64

  /// The greatest number that tells archives of one date apart.
  package static let maxSequence = 999_999_999
  /// The most bytes of a date format.
  package static let maxDateFormatBytes = 100

  /// The shortest interval between two runs of a job; a shorter one would be a busy loop.
  package static let shortestSpan = Span.milliseconds(10)
  /// The longest interval: a hundred years, far below the range of 64 bits of nanoseconds.
  package static let longestSpan = Span.seconds(100 * 31_557_600)

  /// How late a due time may be noticed before it counts as missed: longer than a restart or a busy second.
  package static let punctuality = Span.seconds(60)
  /// The greatest jitter.
  package static let longestJitter = Span.seconds(31 * 86_400)

  /// The greatest mode of a log: permission bits only, neither set-id nor sticky.
  package static let maxMode: UInt32 = 0o777

  /// The most bytes of one path, without the final NUL (PATH_MAX).
  package static let maxPathBytes = 4_095
  /// The most bytes of one name in a directory (NAME_MAX).
  package static let maxNameBytes = 255
  /// The most bytes of a job's name.
  package static let maxJobNameBytes = 255

  /// The most files of a config.
  package static let maxConfigFiles = 10_000
  /// The most bytes of all files of a config together.
  package static let maxConfigBytes = 64 << 20
  /// The bytes of one file of logrotate's language, as there, and how deep such files may include each other.
  package static let maxLogrotateFileBytes = (16 << 20) - 1
  package static let maxIncludeDepth = 16
  /// The bytes of a script in such a file: the kernel takes 128 KiB in one argument (execve(2)).
  package static let maxScriptBytes = 96 << 10
  /// How long such a script may take, which logrotate does not bound.
  package static let scriptLimit = Span.seconds(3600)
  /// How long a program may take to mail an archive.
  package static let mailLimit = Span.seconds(600)
  /// A `size` of such a file below this is looked for at most once an hour, as it would rotate a log with each line.
  package static let leastWatchedSize: Int64 = 4096
  /// The greatest number of children that compress at a time.
  package static let maxChildren = 256
  /// The most names in a dotted key (`a.b.c` has three); the parser recurses once for each.
  package static let maxKeyDepth = 100
  /// The most warnings that one reading of a config shows; more are only counted.
  package static let maxWarnings = 100

  /// The most rotations of one run that are reported with the priority `info`; later ones have the priority `debug`,
  /// and one report has the totals of the run.
  package static let maxSingleReports = 10

  /// How long the state remembers a log that is not rotated any more: longer than a monthly job may be late.
  package static let stateMemory = Span.seconds(40 * 86_400)

  /// The pauses between checks of an archive that a writer has open, after the last event that reported a close. The
  /// event comes slightly too early, by up to 79 ms on xfs, and does not come for an archive without a watch.
  package static let releaseDelays = Delays(first: .milliseconds(1), factor: 4, longest: .seconds(3600))

  /// The same pauses for an archive without a watch, because the user's limit of watches is reached.
  package static let unwatchedReleaseDelays = Delays(first: .milliseconds(1), factor: 4, longest: .seconds(60))

  /// How long an archive is left alone after a process has opened it for writing and so interrupted its compression.
  package static let breakDelays = Delays(first: .milliseconds(100), longest: .seconds(300))

  /// The pauses between warnings about a writer that does not close an archive, for its `reopen-timeout`.
  package static func warningDelays(timeout: Span) -> Delays {
    Delays(first: timeout * 2, longest: min(timeout * 64, max(.seconds(3600), timeout)))
  }

  /// The most bytes of a compressor's output that the loop syncs to disk itself; a child process syncs larger ones.
  package static let syncedByLoop: Int64 = 4 << 20

  /// The bytes of a file that are read, or of a log that are copied and synced, before the loop gets control again;
  /// `copyChunk` is a multiple of every block size. A piece of work must not take more than 10 ms.
  package static let pieceBytes: Int64 = 1 << 20
  package static let copyChunk: Int64 = 1 << 20
  /// The lag at which a copy is close enough behind the writer, in bytes.
  package static let copyLag: Int64 = 8 << 20
  /// The bytes of a log that are punched at a time; a multiple of every cluster size.
  package static let punchChunk: Int64 = 8 << 20
  /// The longest line whose end is searched; a log with a longer last line is left as it is.
  package static let longestLine: Int64 = 64 << 20
  /// The most descriptors of the whole machine, at some microseconds each, that are searched for writers without
  /// O_APPEND.
  package static let mostDescriptors = 200_000
  /// The most rounds in which the copy of a log follows what was written meanwhile.
  package static let copyRounds = 4
  /// The most bytes of padding that a truncation may leave: a cluster of blocks.
  package static let maxPadding: Int64 = 1 << 20
  /// How long a list of writers without O_APPEND is used; a scan of every descriptor of the machine takes long.
  package static let offsetWriterMemory = Span.seconds(1)

  /// The pauses between two checks of a compressor's progress.
  package static let progressDelays = Delays(first: .seconds(1), longest: .seconds(15))
  /// How long a compression has its slot alone: then archives of other owners begin beside it.
  package static let compressionShare = Span.seconds(60)
  /// How long a compressor may read and write nothing before the operator is warned, and before it is killed.
  package static let stillWarning = Span.seconds(60)
  package static let stillLimit = Span.seconds(600)
  /// How many bytes the compressed copy of a sparse archive may take more than the archive.
  package static let sparseGrowth: Int64 = 1 << 20
  /// The most archives that are remembered as not worth a compression.
  package static let maxLeftPlain = 4_096
  /// The time limit to sync a copy: an hour, and more where 64 KiB a second would take longer.
  package static func syncLimit(bytes: Int64) -> Span { .seconds(3600 + max(0, bytes) / 65_536) }

  /// The shortest and the longest pause between two measurements of a file system's free space, if the daemon does not
  /// change it.
  package static let shortestSpacePause = Span.seconds(1)
  package static let longestSpacePause = Span.seconds(600)
  /// The longest pause near a bound while the free space does not fall: pauses double up to this.
  package static let quietSpacePause = Span.seconds(60)
  /// How fast a disk whose free space was never seen to fall is assumed to fill: all of it in this many seconds.
  package static let fastestFill: Int64 = 3600
  /// How long a file system may take to free the space of removed files: two commits of btrfs.
  package static let freeingTime = Span.seconds(60)
  /// Logs that retention checks, and archives that it removes, before the loop gets control again.
  package static let retentionSlice = 64
  package static let removalSlice = 16
  /// The oldest files of a job with `retain` that are considered at a time, and how many of them are put in order before the
  /// loop gets control again.
  package static let retainedAtOnce = 16_384
  package static let retainedSlice = 1_024
  /// Retention rests for this many times the duration of its last check: when 10,000 logs are rotated one by one, not
  /// each rotation causes a check of all of them.
  package static let retentionRest: Int64 = 19
  /// How long the service manager may take to reload a unit: slightly longer than its own default limit for the unit.
  package static let unitLimit = Span.seconds(100)
  /// Between two writings of the file of metrics.
  package static let metricsInterval = Span.seconds(60)
  /// The bytes of each of the two files of a history, and of lines that wait for its writing.
  package static let maxHistoryBytes: Int64 = 1 << 20
  package static let maxHistoryBuffer = 64 << 10
  /// Between two looks whether the config in force is on disk again.
  package static let configLook = Span.seconds(60)
  /// How long problems are gathered for one call of a command of `on-failure`.
  package static let failureGathering = Span.seconds(1)
  /// The most calls of `on-failure` commands that wait.
  package static let maxFailureCalls = 100
  /// How long a command of `before` or `on-failure` may take.
  package static let beforeLimit = Span.seconds(60)
  /// The most commands of `before`, and the most hooks with a command, that run at a time.
  package static let maxCommands = 32
  /// How long a hook waits for runs that may add logs to it: longer than their `before` commands may take.
  package static let hookHold = Span.seconds(90)
  /// How long logs whose writers are notified again are gathered, so that a hook is sent once for all of them.
  package static let notifyAgainGathering = Span.milliseconds(100)
  /// How long a daemon that stops waits for the hooks that it owes.
  package static let stopPatience = Span.seconds(10)
  /// The most rotations of one log that are kept as not notified yet, and the most of its archives that are kept as
  /// possibly still open; the oldest are dropped first.
  package static let maxOwed = 64
  /// The most archives of one log that are remembered as made by rotations, if their names could be those of logs; the
  /// oldest are dropped first.
  package static let maxMade = 10_000
  /// The most former and current names of one log's archives that are remembered; the oldest are dropped first.
  package static let maxNames = 4
  /// The most bytes of one variable for a `notify` command; the kernel's limit is 128 KiB (execve(2)).
  package static let maxVariableBytes = 96 << 10
  /// How long a log is not rotated for its size after an undone rotation.
  package static let undoDelays = Delays(first: .seconds(60), longest: .seconds(3600))
  /// How long the empty new log keeps a name after an undone rotation: a process that has just opened it is detected by
  /// then.
  package static let undoPause = Span.milliseconds(200)
  /// The shortest pause between two size checks of a growing log, which occurs only near the limit.
  package static let shortestGrowthLook = Span.milliseconds(1)
  /// The longest pause, unless no writer could reach the limit meanwhile; a log that has not grown for this long is at
  /// rest.
  package static let longestGrowthLook = Span.seconds(1)
  /// The longest pause even then.
  package static let longestSafeLook = Span.seconds(10)
  /// The highest rate at which a log is assumed to grow, in bytes per second.
  package static let fastestGrowth: Int64 = 4 << 30
  /// The pause between two checks of what cannot be watched: logs beyond the user's limit of watches, network file
  /// systems.
  package static let unwatchedLook = Span.seconds(10)

  /// The longest line of a state file of logrotate: a path of PATH_MAX bytes, each with a backslash, and a time.
  package static let maxLogrotateStateLine = 2 * 4096 + 64
  /// The most lines of a state file of logrotate that are reported as unreadable; what follows the last is not read.
  package static let maxLogrotateStateFlaws = 100
  /// The most bytes of a state file of logrotate: some millions of logs.
  package static let maxLogrotateStateBytes = 1 << 30
  /// How long `rotatectl logrotate` waits for writers to close the archives that are to be compressed or removed. What they
  /// still have open then is left to its next run.
  package static let logrotatePatience = Span.milliseconds(500)
  /// The longest wait between two looks at what it waits for.
  package static let logrotateLook = Span.milliseconds(50)

  /// How long a listing tells housekeeping which dated archives there are.
  package static let sharedListing = Span.seconds(1)

  /// The most runs in progress. All run on one thread; more would only take more memory.
  package static let maxRuns = 256

  /// The pauses before a failed operation is tried again. The first is short, for a disk that was full for a moment;
  /// the longest limits the messages about a lasting failure.
  package static let retryDelays = Delays(first: .seconds(1), longest: .seconds(300))
}
