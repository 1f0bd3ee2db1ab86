package import Config
internal import Daemon
internal import Glibc
package import Rotation

/// Reads the files of logrotate's language for `ConfigReader`, and remembers what it has read, so that a message can show the line.
///
/// The checks are those of logrotate: root takes no file that another user can write or owns; what is neither a regular file nor
/// a directory is passed over.
package final class LogrotateFileReader {
  package private(set) var sources: [ConfigSource] = []
  /// The directories that it has listed, and those of the files that it has read.
  private(set) var directories: Set<FilePath> = []
  /// What may be another error, or none, at the next try.
  private(set) var passing: Errno?

  package init() {}

  /// Reads the files and directories that a command which acts as logrotate does was given, in their order. `mailer` is the program
  /// that mails archives.
  package static func load(_ paths: [FilePath], mailer: String? = nil) -> ConfigResult {
    let reader = LogrotateFileReader()
    let paths = paths.map { WorkingDirectory.joined($0) }
    var files = reader.files
    if let mailer { files.mailer = ExactText(mailer) }
    return ConfigReader.read(logrotateTerms: paths, system: SystemFacts.read(), files: files)
  }

  /// The port that reads with this.
  package var files: LogrotateFiles {
    LogrotateFiles(home: ProcessEnvironment.text(of: "HOME").map { FilePath($0) }) { self.read($0) }
  }

  /// The same, where the file at a path was read before.
  func files(beginningWith main: ConfigSource, at path: FilePath) -> LogrotateFiles {
    var files = files
    files.read = { [self] in $0 == path ? .file(main.bytes) : read($0) }
    return files
  }

  private func read(_ path: FilePath) -> LogrotateFiles.Entry {
    do throws(Errno) {
      var status = stat()
      _ = try unsafe callWithPath(path) { unsafe stat($0, &status) }
      switch status.st_mode & S_IFMT {
      case S_IFDIR:
        directories.insert(path)
        let descriptor = try unsafe callWithPath(path) { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(descriptor) }
        return .directory(try DirectoryReader.read(descriptor).map(\.name))
      case S_IFREG: directories.insert(path.split.directory)
      default: return .nothing
      }
      if geteuid() == 0 {
        guard status.st_mode & 0o022 == 0 else { return .refused("is not used: its group or others can write it") }
        guard status.st_uid == 0 else { return .refused("is not used: it does not belong to root") }
      }
      guard status.st_size <= Limits.maxLogrotateFileBytes else {
        return .refused("has \(status.st_size) bytes; the limit is \(Limits.maxLogrotateFileBytes)")
      }
      let bytes = try FileContent.read(path, limit: Limits.maxLogrotateFileBytes)
      sources.append(ConfigSource(name: path.printable, bytes: bytes, isFragment: true))
      return .file(bytes)
    } catch {
      if !error.isLasting { passing = passing ?? error }
      return .refused("cannot be read: \(error)")
    }
  }
}
