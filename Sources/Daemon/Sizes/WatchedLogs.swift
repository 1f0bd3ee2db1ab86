internal import Rotation

/// The logs that are watched for their size, and the directories in which they are or may appear, with their links to
/// each other. There may be hundreds of thousands of logs, so each takes only a few words of memory.
struct WatchedLogs {
  /// What has to happen next to a log.
  enum State: UInt8 {
    /// Its first check.
    case new
    /// A write, which its watch reports.
    case resting
    /// The time when it may be near its limit, in the queue.
    case growing
    /// Its creation, which the watch on its directory reports.
    case missing
    /// Its rotation in a run that was requested.
    case due
    /// A new try, at a time in the queue.
    case postponed
    /// The entry is free.
    case gone
  }

  /// One log.
  struct Log {
    var name: FileName
    var directory: Int32
    /// The index of its job.
    var job: Int32
    /// The number of its watch; -1 if it has none.
    var watch: Int32 = -1
    /// The number of the rescan that has found it last.
    var rescan: UInt32
    var state = State.new
    /// Whether the config names its path: then it is awaited while it is missing.
    var isNamed: Bool
  }

  /// One component of a pattern, whose names appear in a directory.
  struct Interest: Hashable {
    var job: Int32
    /// The index of the pattern in its job.
    var pattern: Int32
    /// The index of the component in the pattern.
    var depth: Int32
  }

  /// One directory.
  struct Directory {
    var path: FilePath
    var watch: Int32 = -1
    var logs = SpreadDictionary<FileName, Int32>()
    var interests: [Interest] = []
    /// Names that do not exist yet, each with the jobs whose logs will be below it.
    var awaited: [FileName: Set<Int32>] = [:]
    /// The number of its logs that are missing and awaited.
    var missing = 0
    /// The number of searches of it that are still to be done.
    var searches = 0
    /// Whether its file system reports changes.
    var isWatchable = true

    /// Whether names that appear in it matter.
    var wantsNames: Bool { missing > 0 || !interests.isEmpty || !awaited.isEmpty }
    /// Whether nothing in it matters.
    var isIdle: Bool { logs.count == 0 && !wantsNames && searches == 0 }
  }

  private(set) var logs: [Log] = []
  var directories: [Directory] = []
  private var freeLogs: [Int32] = []
  private var freeDirectories: [Int32] = []
  private var directoryNumbers = SpreadDictionary<FilePath, Int32>()
  private var logWatches = WatchOwners()
  private var directoryWatches = WatchOwners()

  /// How many logs there are.
  var count: Int { logs.count - freeLogs.count }

  /// The absolute path of a log.
  func path(_ log: Int32) -> FilePath {
    LogFinder.join(directories[Int(logs[Int(log)].directory)].path, logs[Int(log)].name)
  }

  // MARK: Logs

  /// The number of the log with this name, which is added if it is not known.
  mutating func add(_ name: FileName, in directory: Int32, job: Int32, rescan: UInt32, isNamed: Bool) -> Int32 {
    if let known = directories[Int(directory)].logs[name] {
      logs[Int(known)].job = job
      logs[Int(known)].rescan = rescan
      if isNamed { logs[Int(known)].isNamed = true }
      return known
    }
    let log = Log(name: name, directory: directory, job: job, rescan: rescan, isNamed: isNamed)
    let number = freeLogs.popLast() ?? Int32(logs.count)
    if Int(number) == logs.count { logs.append(log) } else { logs[Int(number)] = log }
    directories[Int(directory)].logs[name] = number
    return number
  }

  /// Forgets a log, whose watch has ended.
  mutating func remove(_ number: Int32) {
    let log = logs[Int(number)]
    setState(.gone, of: number)
    setWatch(-1, of: number)
    directories[Int(log.directory)].logs[log.name] = nil
    logs[Int(number)].name = ""
    freeLogs.append(number)
  }

  /// Sets the state of a log, and counts the missing logs of its directory.
  mutating func setState(_ state: State, of number: Int32) {
    let log = logs[Int(number)]
    if log.state == .missing { directories[Int(log.directory)].missing -= 1 }
    if state == .missing { directories[Int(log.directory)].missing += 1 }
    logs[Int(number)].state = state
  }

  /// Records the watch of a log; -1 for none.
  mutating func setWatch(_ watch: Int32, of number: Int32) {
    let before = logs[Int(number)].watch
    guard before != watch else { return }
    logWatches.remove(number, from: before)
    logs[Int(number)].watch = watch
    logWatches.add(number, to: watch)
  }

  /// The logs of a watch.
  func logs(of watch: Int32) -> [Int32] { logWatches.all(of: watch) }

  // MARK: Directories

  /// The number of the directory with this path, which is added if it is not known.
  mutating func directory(_ path: FilePath) -> Int32 {
    if let known = directoryNumbers[path] { return known }
    let number = freeDirectories.popLast() ?? Int32(directories.count)
    let directory = Directory(path: path)
    if Int(number) == directories.count { directories.append(directory) } else { directories[Int(number)] = directory }
    directoryNumbers[path] = number
    return number
  }

  /// The directories of a watch.
  func directories(of watch: Int32) -> [Int32] { directoryWatches.all(of: watch) }

  /// Records the watch of a directory; -1 for none.
  mutating func setWatch(_ watch: Int32, ofDirectory number: Int32) {
    directoryWatches.remove(number, from: directories[Int(number)].watch)
    directories[Int(number)].watch = watch
    directoryWatches.add(number, to: watch)
  }

  /// Forgets an idle directory, whose watch has ended.
  mutating func remove(directory number: Int32) {
    setWatch(-1, ofDirectory: number)
    directoryNumbers[directories[Int(number)].path] = nil
    directories[Int(number)] = Directory(path: "")
    freeDirectories.append(number)
  }

  /// Forgets which names matter to which jobs; the rescan that follows finds out again.
  mutating func forgetInterests() {
    for index in directories.indices {
      directories[index].interests = []
      directories[index].awaited = [:]
      directories[index].searches = 0
    }
  }
}

/// The logs or directories of each watch: nearly always one, and several where several paths lead to one file.
private struct WatchOwners {
  private var firsts = SpreadDictionary<Int32, Int32>()
  private var others: [Int32: [Int32]] = [:]

  func all(of watch: Int32) -> [Int32] {
    guard let first = firsts[watch] else { return [] }
    return [first] + (others[watch] ?? [])
  }

  mutating func add(_ number: Int32, to watch: Int32) {
    guard watch >= 0 else { return }
    if firsts[watch] == nil { firsts[watch] = number } else { others[watch, default: []].append(number) }
  }

  mutating func remove(_ number: Int32, from watch: Int32) {
    guard watch >= 0 else { return }
    var rest = all(of: watch)
    rest.removeAll { $0 == number }
    firsts[watch] = rest.first
    others[watch] = rest.count > 1 ? Array(rest.dropFirst()) : nil
  }
}
