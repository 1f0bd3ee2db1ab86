internal import Config
internal import Rotation

/// The directories that a pattern leads to, in order, found in steps. Links are not followed.
struct DirectoryWalk {
  enum Step {
    case found(FilePath)
    /// So many names were looked at.
    case looked(Int)
  }

  /// Directories of one directory that are still to be looked into, the next one last.
  private struct Level {
    let directory: FilePath
    var names: [FileName]
    let components: ArraySlice<NamePattern>
  }

  /// A directory that is being looked into.
  private struct Reading {
    let directory: OpenDirectory
    let components: ArraySlice<NamePattern>
    var names = NameSort { $1 < $0 }
    var isRead = false
  }

  private let fileSystem: any FileSystem
  private var next: (directory: FilePath, components: ArraySlice<NamePattern>)?
  private var levels: [Level] = []
  private var reading: Reading?

  init(_ pattern: LogPattern, _ fileSystem: any FileSystem) {
    self.fileSystem = fileSystem
    next = (pattern.fixedDirectory, pattern.components.dropLast())
  }

  /// Does a step about so many names; nil at the end.
  mutating func step(_ count: Int, _ failures: inout [LookFailure]) -> Step? {
    if let current = reading.take() { return proceed(current, count, &failures) }
    if next == nil { descend() }
    guard let (directory, components) = next.take() else { return nil }
    guard !components.isEmpty else { return .found(directory) }
    do throws(Errno) {
      reading = Reading(directory: try fileSystem.openDirectory(directory), components: components)
    } catch {
      failures.append(LookFailure(path: directory, errno: error, on: fileSystem))
    }
    // A system call takes as long as some names.
    return .looked(10)
  }

  private mutating func proceed(_ before: Reading, _ count: Int, _ failures: inout [LookFailure]) -> Step {
    var current = before
    do throws(Errno) {
      let looked = current.isRead ? count : try read(&current)
      if current.isRead, !current.names.step(count) {
        let components = current.components.dropFirst()
        levels.append(Level(directory: current.directory.path, names: current.names.names, components: components))
      } else {
        reading = current
      }
      return .looked(looked)
    } catch {
      failures.append(LookFailure(path: current.directory.path, errno: error, on: fileSystem))
      return .looked(10)
    }
  }

  /// Reads on; returns what that was about, in names.
  private func read(_ current: inout Reading) throws(Errno) -> Int {
    let entries = try fileSystem.nextEntries(in: current.directory)
    current.isRead = entries.isEmpty
    var names: [FileName] = []
    for entry in entries where current.components.first?.matches(entry.name) == true {
      var kind = entry.kind
      if kind == nil { kind = try fileSystem.status(of: entry.name, in: current.directory)?.kind }
      if kind == .directory { names.append(entry.name) }
    }
    current.names.add(names)
    return entries.count + 10
  }

  /// Goes on to the next directory of the innermost level that has one.
  private mutating func descend() {
    while var level = levels.popLast() {
      guard let name = level.names.popLast() else { continue }
      next = (LogFinder.join(level.directory, name), level.components)
      levels.append(level)
      return
    }
  }
}
