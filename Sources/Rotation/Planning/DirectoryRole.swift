/// Which of a log's directories a name lies in.
package enum DirectoryRole: Hashable, Sendable {
  /// That of the log itself.
  case logDirectory
  /// The directory for archives, by its path as the config has it; on the log's file system.
  case archiveDirectory(FilePath)
  /// The same on another file system, where nothing can be moved to in one step.
  case otherFileSystem(FilePath)

  /// Whether inodes there are those of the log's own file system.
  package var isOnLogsFileSystem: Bool { if case .otherFileSystem = self { false } else { true } }

  /// Where a new archive gets its name first: on the log's file system, whatever becomes of it later.
  package var forNewArchives: DirectoryRole { isOnLogsFileSystem ? self : .logDirectory }
}

/// A name in one of a log's directories.
package struct Location: Hashable, Sendable {
  package var name: FileName
  package var place: DirectoryRole

  package init(_ name: FileName, in place: DirectoryRole = .logDirectory) {
    self.name = name
    self.place = place
  }
}

extension Location: CustomStringConvertible {
  /// As seen from the log's directory: `app.log.1`, `old/app.log.1`, `/archive/app.log.1`.
  package var path: FilePath {
    switch place {
    case .logDirectory: FilePath(name)
    case .archiveDirectory(let directory), .otherFileSystem(let directory): directory.appending(name)
    }
  }

  /// The path for people.
  package var description: String { path.printable }
}
