package import Daemon
package import Rotation

/// What every `FileSystem` must do alike, real or simulated: otherwise the simulation proves nothing about the disk.
///
/// Each check gets an empty directory and throws a `Failure` with the reason.
package struct FileSystemContract {
  /// A directory to work in, and the things that the port itself cannot make.
  package struct Scene {
    package var fileSystem: any FileSystem
    /// Absolute, existing, empty, without symbolic links in it.
    package var path: FilePath
    /// Makes a directory by absolute path.
    package var makeDirectory: (_ path: FilePath) throws -> Void
    /// Makes a directory where anybody may write.
    package var makeOpenDirectory: (_ path: FilePath) throws -> Void
    /// Makes a symbolic link; the target need not exist.
    package var makeSymbolicLink: (_ path: FilePath, _ target: String) throws -> Void
    /// Opens a file for appending, as a writer does; the result closes it.
    package var openWriter: (_ path: FilePath) throws -> () -> Void
    /// Writes to a staged file, as a child does.
    package var fill: (_ token: Int32, _ content: [UInt8]) throws -> Void

    package init(
      fileSystem: any FileSystem, path: FilePath, makeDirectory: @escaping (_ path: FilePath) throws -> Void,
      makeOpenDirectory: @escaping (_ path: FilePath) throws -> Void,
      makeSymbolicLink: @escaping (_ path: FilePath, _ target: String) throws -> Void,
      openWriter: @escaping (_ path: FilePath) throws -> () -> Void,
      fill: @escaping (_ token: Int32, _ content: [UInt8]) throws -> Void
    ) {
      self.fileSystem = fileSystem
      self.path = path
      self.makeDirectory = makeDirectory
      self.makeOpenDirectory = makeOpenDirectory
      self.makeSymbolicLink = makeSymbolicLink
      self.openWriter = openWriter
      self.fill = fill
    }
  }

  /// A sentence of behaviour, and the code that checks it.
  package struct Check: Sendable {
    package var name: String
    package var run: @Sendable (Scene) throws -> Void
  }

  /// A check that did not hold.
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  /// All checks, each with a unique name.
  package static var checks: [Check] {
    nameChecks + renameChecks + placeChecks + contentChecks + pathChecks + archiveChecks + spaceChecks
      + truncationChecks
  }

  /// Runs all checks below a directory, each in a new one, and returns a line for each that fails.
  package static func failures(in scene: Scene) -> [String] {
    checks.enumerated().compactMap { index, check in
      var own = scene
      own.path = "\(scene.path)/check\(index)"
      do {
        try own.makeDirectory(own.path)
        try check.run(own)
        return nil
      } catch {
        return "\(check.name): \(error)"
      }
    }
  }
}

extension FileSystemContract.Scene {
  /// Mode and owner for files whose owner does not matter: those of the directory, so that no privilege is needed.
  func attributes(mode: UInt32 = 0o640) throws -> Attributes {
    let own = try status(fileSystem.look(at: path), "the directory of the check")
    return Attributes(mode: mode, user: own.user, group: own.group)
  }

  /// Makes a file with content, only by calls of the port.
  func make(_ name: FileName, _ content: String = "", in directory: OpenDirectory) throws {
    try fileSystem.create(name, attributes(), like: nil, in: directory)
    if !content.isEmpty { try fileSystem.append(Array(content.utf8), to: name, in: directory) }
  }

  /// The inode of a name that must exist.
  func inode(_ name: FileName, in directory: OpenDirectory) throws -> UInt64 {
    try status(fileSystem.status(of: name, in: directory), "\(name)").inode
  }

  /// The names of a directory, sorted.
  func names(in directory: OpenDirectory) throws -> [FileName] {
    try fileSystem.entries(in: directory).map(\.name).sorted()
  }

  /// Fails if there is no status.
  func status(_ status: FileStatus?, _ what: String) throws -> FileStatus {
    guard let status else { throw FileSystemContract.Failure(description: "\(what) is not there") }
    return status
  }
}

/// Fails if two values differ.
func equal<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
  guard found == expected else {
    throw FileSystemContract.Failure(description: "\(what): found \(found), expected \(expected)")
  }
}

/// Fails if the body does not throw exactly this errno.
func refuses(_ expected: Errno, _ what: String, _ body: () throws(Errno) -> Void) throws {
  do throws(Errno) {
    try body()
  } catch {
    return try equal(error, expected, what)
  }
  throw FileSystemContract.Failure(description: "\(what): done, expected errno \(expected.code)")
}
