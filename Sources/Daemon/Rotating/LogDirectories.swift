package import Rotation

/// The directories that a log and its archives lie in, held open.
package struct LogDirectories {
  /// That of the log itself.
  package let log: OpenDirectory
  /// That of the archives, where it is another; nil also when it is not there yet.
  package let archives: OpenDirectory?
  /// Where archives belong.
  package let home: DirectoryRole

  /// A log whose archives lie beside it.
  package init(_ log: OpenDirectory) {
    self.init(log: log, archives: nil, home: .logDirectory)
  }

  private init(log: OpenDirectory, archives: OpenDirectory?, home: DirectoryRole) {
    self.log = log
    self.archives = archives
    self.home = home
  }

  /// Opens what a policy needs beside the log's own directory. If `makes`, a missing directory for archives is made; else it
  /// has no archives yet.
  package init(
    _ log: OpenDirectory, _ policy: Policy, on fileSystem: any FileSystem, makes: Bool
  ) throws(Errno) {
    guard let wanted = policy.archiveDirectory else {
      self.init(log)
      return
    }
    do throws(Errno) {
      let archives = try fileSystem.openArchives(wanted, of: log, makes: makes)
      self.init(log: log, archives: archives, home: wanted.role(of: archives))
    } catch  where error == .noEntry && !makes {
      self.init(log: log, archives: nil, home: .archiveDirectory(wanted.path))
    }
  }

  /// The directory of a place.
  package func directory(of place: DirectoryRole) throws(Errno) -> OpenDirectory {
    guard place != .logDirectory else { return log }
    guard let archives else { throw .noEntry }
    return archives
  }

  /// The places where archives may be, each with its directory.
  package var places: [(place: DirectoryRole, directory: OpenDirectory)] {
    [(.logDirectory, log)] + (archives.map { [(home, $0)] } ?? [])
  }

  /// Both directories, to be named by their paths.
  package func path(of location: Location) -> FilePath {
    let directory = location.place == .logDirectory ? log.path : archives?.path ?? log.path
    return LogFinder.join(directory, location.name)
  }
}

extension ArchiveDirectory {
  /// What it is for the logs for which it was opened.
  func role(of opened: OpenDirectory) -> DirectoryRole {
    opened.isOnOtherFileSystem ? .otherFileSystem(path) : .archiveDirectory(path)
  }
}
