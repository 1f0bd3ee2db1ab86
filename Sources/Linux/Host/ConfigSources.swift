package import Config
internal import Daemon
internal import Glibc
package import Rotation

/// The files of a config, read in their order.
///
/// The path of a directory means its `*.toml`. A file may name more files with `include`. The config of the system,
/// /etc/rotated/rotated.toml, also has fragments, in `conf.d` below /etc/rotated, /run/rotated and /usr/lib/rotated, by
/// the rules of systemd (systemd.unit(5), systemd-analyze(1) "cat-config"): of several files with one name, the one in
/// the first of these directories counts; an empty file, or a link to /dev/null, hides the files of its name in the
/// others; all are read in the order of their names.
package struct ConfigSources {
  /// The config that is used if none is named.
  static let standardPath: FilePath = "/etc/rotated/rotated.toml"
  /// The directories of its fragments, in descending priority.
  static let standardFragments: [FilePath] = [
    "/etc/rotated/conf.d", "/run/rotated/conf.d", "/usr/lib/rotated/conf.d",
  ]

  /// The files that could be read, in their order.
  package private(set) var sources: [ConfigSource] = []
  /// The errors in reading files.
  package private(set) var diagnostics: [Diagnostic] = []
  /// An error that may be gone at the next try.
  private(set) var passing: Errno?
  /// The directories that have the files of the config, or whose names decide which files these are.
  private(set) var directories: Set<FilePath> = []
  private var bytesLeft = Limits.maxConfigBytes

  /// Reads all files of a config. `signals`, which are blocked, end the wait for one that comes through a pipe.
  package init(_ path: FilePath, unlessPending signals: [Int32] = [], fragments: [FilePath]? = nil) {
    let directories = fragments ?? (path == Self.standardPath ? Self.standardFragments : [])
    let found = findFragments(in: directories)
    do throws(Errno) {
      if try kind(of: path) == S_IFDIR {
        for name in try names(in: path) { read(path.appending(name)) }
      } else {
        try readMain(path, signals)
      }
    } catch {
      // Fragments alone are a config.
      if error != .noEntry || found.isEmpty { note(error, path, hint: error == .noEntry ? Self.hintForMissing : nil) }
    }
    for file in found { read(file) }
    guard sources.isEmpty, diagnostics.isEmpty else { return }
    refuse("the directory has no file whose name ends with .toml", in: path)
  }

  private mutating func readMain(_ path: FilePath, _ signals: [Int32]) throws(Errno) {
    directories.insert(path.split.directory)
    let source = ConfigSource(
      name: path.printable, bytes: try FileContent.read(path, limit: bytesLeft, unlessPending: signals))
    bytesLeft -= source.bytes.count
    sources.append(source)
    for include in ConfigReader.includes(of: source) {
      readIncluded(FilePath(include.pattern), path.split.directory) { message in
        Diagnostic(file: source.name, line: include.line, column: include.column, message: "`include` \(message)")
      }
    }
  }

  private mutating func readIncluded(
    _ text: FilePath, _ directory: FilePath, _ finding: (String) -> Diagnostic
  ) {
    let (parent, name) = directory.resolving(text).split
    let pattern = NamePattern(name.bytes)
    guard !text.bytes.isEmpty, !name.bytes.isEmpty, !LogPattern(parent).hasWildcard else {
      diagnostics.append(
        finding("is \"\(text.printable)\"; expected a path with wildcards in its last name only"))
      return
    }
    do throws(Errno) {
      if let literal = pattern.literal {
        _ = try kind(of: parent.appending(literal))
        read(parent.appending(literal))
      } else {
        for name in try names(in: parent, ending: "") where pattern.matches(name) { read(parent.appending(name)) }
      }
    } catch {
      diagnostics.append(finding("leads to \(parent.appending(name).printable), which cannot be read: \(error)"))
    }
  }

  /// Reads a fragment, which must be a regular file: reading it never waits.
  private mutating func read(_ path: FilePath) {
    guard sources.count < Limits.maxConfigFiles else {
      if diagnostics.isEmpty { refuse("a config has at most \(Limits.maxConfigFiles) files", in: path) }
      return
    }
    directories.insert(path.split.directory)
    do throws(Errno) {
      guard try kind(of: path) == S_IFREG else { return refuse("cannot be read: it is not a regular file", in: path) }
      let bytes = try FileContent.read(path, limit: bytesLeft)
      bytesLeft -= bytes.count
      sources.append(ConfigSource(name: path.printable, bytes: bytes, isFragment: true))
    } catch {
      note(error, path)
    }
  }

  // MARK: Diagnostics

  /// What to do about a config that does not exist.
  private static let hintForMissing = "write it, see rotated.toml(5), or give the path of the config with --config FILE"

  private mutating func refuse(_ message: String, in path: FilePath, hint: String? = nil) {
    diagnostics.append(Diagnostic(file: path.printable, line: 1, column: 1, message: message, hint: hint))
  }

  private mutating func note(_ error: Errno, _ path: FilePath, hint: String? = nil) {
    refuse("cannot be read: \(error)", in: path, hint: hint)
    if !error.isLasting { passing = passing ?? error }
  }

  // MARK: Directories

  /// The fragments in these directories, in the order of their names; of several with one name, the first.
  private mutating func findFragments(in directories: [FilePath]) -> [FilePath] {
    var found: [FileName: FilePath] = [:]
    for directory in directories {
      do throws(Errno) {
        for name in try names(in: directory) where found[name] == nil { found[name] = directory.appending(name) }
      } catch {
        if error != .noEntry { note(error, directory) }
      }
    }
    return found.sorted { $0.key < $1.key }.map(\.value).filter { !isMask($0) }
  }

  /// Whether the file only hides those with its name in other directories.
  private func isMask(_ path: FilePath) -> Bool {
    var status = stat()
    guard (try? unsafe callWithPath(path) { unsafe stat($0, &status) }) != nil else { return false }
    // The device 1:3 (Documentation/admin-guide/devices.txt).
    let isNull = status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 1 << 8 | 3
    return isNull || status.st_mode & S_IFMT == S_IFREG && status.st_size == 0
  }

  /// The names in a directory that have this end, in order and without hidden ones.
  private mutating func names(in directory: FilePath, ending end: FileName = ".toml") throws(Errno) -> [FileName] {
    directories.insert(directory)
    let descriptor = try unsafe callWithPath(directory) { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    defer { close(descriptor) }
    return try DirectoryReader.read(descriptor).map(\.name)
      .filter { $0.bytes.first != UInt8(ascii: ".") && $0.bytes.suffix(end.bytes.count).elementsEqual(end.bytes) }
      .sorted()
  }

  /// The type of a file, links followed.
  private func kind(of path: FilePath) throws(Errno) -> mode_t {
    var status = stat()
    _ = try unsafe callWithPath(path) { unsafe stat($0, &status) }
    return status.st_mode & S_IFMT
  }
}
