internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation
internal import Timekeeping

/// Finds the processes that write to a file, in /proc. One scan reads the descriptors of all processes, and its result is used
/// for twenty times as long as the scan took: ten thousand archives that have a writer each cost a few scans, not ten thousand.
final class FileWriters {
  private var opened = Table<OpenFiles.Identity, OpenFiles.Writers>()
  /// The same from a search in pieces, when that has ended.
  private var searched = Table<OpenFiles.Identity, OpenFiles.Writers>()
  private var searchedAll = false
  private let mostDescriptors: Int
  private var search: (found: OpenFiles.WriterSearch, count: Int, began: Int64)?
  private var mapped = Table<String, [String]>()

  /// The search ends after this many descriptors of the machine.
  init(mostDescriptors: Int = Limits.mostDescriptors) {
    self.mostDescriptors = mostDescriptors
  }

  /// The result of a scan, with its time.
  private struct Table<Key: Hashable, Value> {
    var entries: [Key: Value] = [:]
    var end: Int64 = .min / 2
    var duration: Int64 = 0

    /// Scans again if the result is older than this and than twenty times the duration of a scan.
    mutating func renew(olderThan age: Int64, _ look: () -> [Key: Value]) {
      let start = SystemClock.monotonic.nanoseconds
      guard isOlder(than: age, at: start) else { return }
      set(look(), began: start)
    }

    func isOlder(than age: Int64, at now: Int64) -> Bool {
      now.saturatingSubtract(end) >= max(age, duration.saturatingMultiply(20))
    }

    mutating func set(_ found: [Key: Value], began start: Int64) {
      entries = found
      end = SystemClock.monotonic.nanoseconds
      duration = end.saturatingSubtract(start)
    }
  }

  /// Whether this file has a writer without O_APPEND. Each call reads a piece of all descriptors of the machine, and
  /// the result is kept.
  func offsetWriters(of file: OpenFiles.Identity) -> OffsetWriters {
    let now = SystemClock.monotonic.nanoseconds
    if search == nil {
      guard searched.isOlder(than: Limits.offsetWriterMemory.nanoseconds, at: now) else { return answer(file) }
      search = (OpenFiles.WriterSearch(wantsNames: false), 0, now)
    }
    let count = search?.found.step()
    search?.count += count ?? 0
    guard let state = search, count == nil || state.count >= mostDescriptors else { return .searching }
    searched.set(state.found.found, began: state.began)
    searchedAll = count == nil && state.found.isWhole
    search = nil
    return answer(file)
  }

  private func answer(_ file: OpenFiles.Identity) -> OffsetWriters {
    guard let writers = searched.entries[file] else { return searchedAll ? .none : .unknown }
    if writers.hasOffset { return .some }
    return writers.isUncertain || !searchedAll ? .unknown : .none
  }

  /// The processes that still have an open file open for writing: `pid 4711 (app)`, or `pid 4711 (app), which has it
  /// mapped` for a process that has closed its descriptor and kept a shared mapping.
  func processes(of descriptor: Int32) -> [String] {
    guard let file = OpenFiles.Identity(of: descriptor) else { return [] }
    opened.renew(olderThan: 0, OpenFiles.writers)
    if let writers = opened.entries[file]?.processes { return writers }
    guard let key = SharedMappings.key(of: descriptor) else { return [] }
    mapped.renew(olderThan: 0, SharedMappings.processes)
    return (mapped.entries[key] ?? []).map { "\($0), which has it mapped" }
  }
}
