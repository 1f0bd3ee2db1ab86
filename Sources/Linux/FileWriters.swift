internal import Daemon
internal import Glibc
internal import Rotation

/// Who writes to which file, as /proc shows it. All descriptors of the machine are looked at together and remembered for
/// twenty times as long as that took: ten thousand archives with a writer each cost a few looks, not ten thousand.
final class FileWriters {
  private var opened = Table<OpenFiles.Identity, OpenFiles.Writers>()
  private var mapped = Table<String, [String]>()

  /// What was seen at some time.
  private struct Table<Key: Hashable, Value> {
    var entries: [Key: Value] = [:]
    var end: Int64 = .min / 2
    var duration: Int64 = 0

    /// Looks again, if what is known is older than this and than twenty times as long as a look took.
    mutating func renew(olderThan age: Int64, _ look: () -> [Key: Value]) {
      let start = FileWriters.now()
      guard start - end >= max(age, 20 * duration) else { return }
      entries = look()
      end = FileWriters.now()
      duration = end - start
    }
  }

  /// Whether this file has a writer without O_APPEND.
  func hasOffsetWriter(_ file: OpenFiles.Identity) -> Bool {
    opened.renew(olderThan: Limits.offsetWriterMemory.nanoseconds, OpenFiles.writers)
    return opened.entries[file]?.hasOffset == true
  }

  /// The processes that keep an open file from being free of writers: `pid 4711 (app)`, or `pid 4711 (app), which has it
  /// mapped` for one that has closed its descriptor and left a shared mapping.
  func processes(of descriptor: Int32) -> [String] {
    guard let file = OpenFiles.Identity(of: descriptor) else { return [] }
    opened.renew(olderThan: 0, OpenFiles.writers)
    if let writers = opened.entries[file]?.processes { return writers }
    guard let key = SharedMappings.key(of: descriptor) else { return [] }
    mapped.renew(olderThan: 0, SharedMappings.processes)
    return (mapped.entries[key] ?? []).map { "\($0), which has it mapped" }
  }

  private static func now() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
