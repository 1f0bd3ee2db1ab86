internal import Rotation

/// The logs that are watched for their size, and the directories they lie in or may appear in: what is known of them and
/// how they find each other. There may be hundreds of thousands, so each log is a few words.
struct WatchedLogs {
  /// What a log is waited for.
  enum State: UInt8 {
    /// Not looked at yet.
    case new
    /// To be written to, by its watch.
    case resting
    /// To come near its limit, by the queue.
    case growing
    /// To be made, by the watch on its directory.
    case missing
    /// To be rotated in a run that was asked for.
    case due
    /// To be tried again, by the queue.
    case postponed
    /// The place is free.
    case gone
  }

  /// One log.
  struct Log {
    var name: FileName
    var directory: Int32
    /// Whose it is: a place in the list of jobs.
    var job: Int32
    /// The number of its watch; -1 when it has none.
    var watch: Int32 = -1
    /// Of the survey that has found it last.
    var rescan: UInt32
    var state = State.new
    /// Whether it is named by its path: then it is waited for when it is missing.
    var isNamed: Bool
  }

  /// A pattern whose names of one level come into a directory.
  struct Interest: Hashable {
    var job: Int32
    /// Which of the job's patterns.
    var pattern: Int32
    /// Which of its components.
    var depth: Int32
  }

  /// One directory.
  struct Directory {
    var path: FilePath
    var watch: Int32 = -1
    var logs: [FileName: Int32] = [:]
    var interests: [Interest] = []
    /// Names that logs of these jobs lie below, once they are there.
    var awaited: [FileName: Set<Int32>] = [:]
    /// Logs that are waited for by their name.
    var missing = 0
    /// How often it is still to be searched.
    var searches = 0
    /// Whether the file system tells of changes.
    var isWatchable = true

    /// Whether it matters which names come into it.
    var wantsNames: Bool { missing > 0 || !interests.isEmpty || !awaited.isEmpty }
    /// Whether nothing of it is of interest.
    var isIdle: Bool { logs.isEmpty && !wantsNames && searches == 0 }
  }

  private(set) var logs: [Log] = []
  var directories: [Directory] = []
  private var freeLogs: [Int32] = []
  private var freeDirectories: [Int32] = []
  private var directoryNumbers: [FilePath: Int32] = [:]
  private var logWatches = WatchOwners()
  private var directoryWatches = WatchOwners()

  /// How many logs there are.
  var count: Int { logs.count - freeLogs.count }

  /// The absolute path of a log.
  func path(_ log: Int32) -> FilePath {
    LogFinder.join(directories[Int(logs[Int(log)].directory)].path, logs[Int(log)].name)
  }

  // MARK: Logs

  /// The log of this name, made if it is not known.
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

  /// Forgets a log; its watch has been ended.
  mutating func remove(_ number: Int32) {
    let log = logs[Int(number)]
    setState(.gone, of: number)
    setWatch(-1, of: number)
    directories[Int(log.directory)].logs[log.name] = nil
    logs[Int(number)].name = ""
    freeLogs.append(number)
  }

  /// Sets what a log is waited for, and counts those that are missing.
  mutating func setState(_ state: State, of number: Int32) {
    let log = logs[Int(number)]
    if log.state == .missing { directories[Int(log.directory)].missing -= 1 }
    if state == .missing { directories[Int(log.directory)].missing += 1 }
    logs[Int(number)].state = state
  }

  /// Notes a log's watch, -1 for none.
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

  /// The directory of this path, made if it is not known.
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

  /// Notes a directory's watch, -1 for none.
  mutating func setWatch(_ watch: Int32, ofDirectory number: Int32) {
    directoryWatches.remove(number, from: directories[Int(number)].watch)
    directories[Int(number)].watch = watch
    directoryWatches.add(number, to: watch)
  }

  /// Forgets a directory of which nothing is of interest; its watch has been ended.
  mutating func remove(directory number: Int32) {
    setWatch(-1, ofDirectory: number)
    directoryNumbers[directories[Int(number)].path] = nil
    directories[Int(number)] = Directory(path: "")
    freeDirectories.append(number)
  }

  /// Forgets who is interested in which names; a new survey finds out.
  mutating func forgetInterests() {
    for index in directories.indices {
      directories[index].interests = []
      directories[index].awaited = [:]
      directories[index].searches = 0
    }
  }
}

/// Who is told of a watch: nearly always one, and several where several paths lead to one file.
private struct WatchOwners {
  private var firsts: [Int32: Int32] = [:]
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
