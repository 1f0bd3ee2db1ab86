internal import CLinux
package import Daemon
internal import EventLoop
internal import Glibc
package import Rotation
internal import Timekeeping

/// Looks at directories and logs for `rotatectl doctor`. Nothing that has a name is opened for writing, made or changed.
package final class FileExamination {
  /// Every file that some process writes to; looked for when it is needed first.
  private lazy var writers = Self.allWriters()

  package init() {}

  /// What a directory is like; nil when there is none, or it cannot be looked at.
  package func place(_ path: FilePath) -> PlaceFacts? {
    var (status, volume) = (stat(), statvfs())
    guard (try? unsafe callWithPath(path) { unsafe stat($0, &status) }) != nil,
      (try? unsafe callWithPath(path) { unsafe statvfs($0, &volume) }) != nil,
      status.st_mode & S_IFMT == S_IFDIR
    else { return nil }
    var facts = PlaceFacts()
    facts.mode = status.st_mode & 0o7777
    facts.user = status.st_uid
    facts.isReadOnly = volume.f_flag & UInt(ST_RDONLY) != 0
    facts.isWritable = (try? unsafe callWithPath(path) { unsafe access($0, W_OK | X_OK) }) != nil
    facts.flag = Self.flag(of: path)
    if let type = try? unsafe callWithPath(path, { unsafe linux_file_system_type($0) }) {
      facts.type = UInt32(truncatingIfNeeded: type)
    }
    facts.label = Self.label(of: path)
    if facts.isWritable { facts.tried = Self.tried(in: path) }
    return facts
  }

  /// Tries what rotations use, on files that never get a name; nil where the file system has no such files (open(2), O_TMPFILE).
  private static func tried(in path: FilePath) -> TriedFacts? {
    let fileSystem = LinuxFileSystem()
    let flags = linux_O_TMPFILE | O_RDWR | O_CLOEXEC
    guard let number = try? unsafe callWithPath(path, { unsafe open($0, flags, 0o600) }) else { return nil }
    let file = Descriptor(owning: number)
    // Nobody else has it open, so that a refusal is not due to others.
    let hasLease = fcntl(file.number, linux_F_SETLEASE, F_WRLCK) == 0 || !Errno(errno).meansNoLeases
    guard let directory = try? fileSystem.openDirectory(path), let cuts = try? fileSystem.cutSupport(in: directory)
    else { return nil }
    return TriedFacts(leases: hasLease, cuts: cuts)
  }

  /// The facts about a log, on request with the processes that write to it; nil if no regular file is there.
  package func log(_ path: FilePath, writers wantsWriters: Bool) -> LogFacts? {
    var status = stat()
    guard (try? unsafe callWithPath(path) { unsafe lstat($0, &status) }) != nil, status.st_mode & S_IFMT == S_IFREG
    else { return nil }
    var facts = LogFacts()
    facts.flag = Self.flag(of: path)
    facts.label = Self.label(of: path)
    guard wantsWriters else { return facts }
    let known = writers.found[OpenFiles.Identity(status)]
    facts.writers = known?.processes ?? []
    let isKnown = known.map { !$0.isUncertain } ?? writers.isWhole
    facts.offsetWriters = known?.hasOffset == true ? .some : isKnown ? .none : .unknown
    return facts
  }

  /// A path without links in it; nil when nothing is there (realpath(3)).
  package static func real(_ path: FilePath) -> FilePath? {
    guard !path.bytes.contains(0), let text = unsafe path.withCString({ unsafe realpath($0, nil) }) else { return nil }
    defer { unsafe free(text) }
    return unsafe FilePath(UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }

  /// The permission bits of a file; nil when nothing is there.
  package static func mode(of path: FilePath) -> UInt32? {
    var status = stat()
    guard (try? unsafe callWithPath(path) { unsafe stat($0, &status) }) != nil else { return nil }
    return status.st_mode & 0o7777
  }

  /// Whether a script of cron asks for systemd, as that of Debian's logrotate does, which ends at once where it runs.
  static func asksForSystemd(_ script: [UInt8]) -> Bool {
    script.indices.contains { script[$0...].starts(with: "/run/systemd/system".utf8) }
  }

  private static func allWriters() -> (found: [OpenFiles.Identity: OpenFiles.Writers], isWhole: Bool) {
    var search = OpenFiles.WriterSearch(wantsNames: true)
    var left = Limits.mostDescriptors
    while left > 0 {
      guard let count = search.step() else { return (search.found, search.isWhole) }
      left -= count
    }
    return (search.found, false)
  }

  private static func flag(of path: FilePath) -> FileFlag? {
    let attributes = LinuxFileSystem.attributes(of: path)
    if attributes & linux_attribute_immutable != 0 { return .immutable }
    return attributes & linux_attribute_append != 0 ? .appendOnly : nil
  }

  /// The third field of a label `user:role:type:level`.
  private static func label(of path: FilePath) -> String? {
    let most = 4096
    var bytes = [UInt8](repeating: 0, count: most)
    let count = try? unsafe callWithPath(path) { path in
      unsafe lgetxattr(path, "security.selinux", &bytes, most)
    }
    guard let count else { return nil }
    let fields = bytes.prefix(count).prefix { $0 != 0 }.split(separator: UInt8(ascii: ":"))
    return fields.count >= 3 ? String(decoding: fields[2], as: UTF8.self) : nil
  }
}
