import Daemon
import EventLoop
import Glibc
import Linux
import Rotation
import Simulation

/// A new directory below /tmp, removed with its content when its owner ends.
final class ScratchDirectory {
  let path: String
  let fileSystem = LinuxFileSystem()

  init() throws {
    var template = Array("/tmp/rotated-test-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Errno(errno) }
    self.path = unsafe template.withUnsafeBufferPointer { buffer in
      unsafe String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  deinit {
    let status = run("/bin/rm", "-rf", "--one-file-system", path)
    precondition(status == 0, "A scratch directory was not removed.")
  }

  func open() throws -> OpenDirectory { try fileSystem.openDirectory(FilePath(path)) }

  /// What the contract suite needs.
  var scene: FileSystemContract.Scene { Self.scene(at: path) }

  static func scene(at path: String) -> FileSystemContract.Scene {
    FileSystemContract.Scene(
      fileSystem: LinuxFileSystem(), path: FilePath(path),
      makeDirectory: { path in
        guard unsafe mkdir("\(path)", 0o755) == 0 else { throw Errno(errno) }
      },
      makeOpenDirectory: { path in
        guard unsafe mkdir("\(path)", 0o755) == 0, unsafe chmod("\(path)", 0o777) == 0 else { throw Errno(errno) }
      },
      makeSymbolicLink: { path, target in
        guard unsafe symlink(target, "\(path)") == 0 else { throw Errno(errno) }
      },
      openWriter: { path in
        // Without waiting for the holder of a lease.
        let file = unsafe Glibc.open("\(path)", O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw Errno(errno) }
        return { _ = close(file) }
      },
      fill: { token, content in
        guard unsafe write(token, content, content.count) == content.count else { throw Errno(errno) }
      })
  }
}

/// Runs a program without its output and returns its exit status; 127 if it cannot be started.
@discardableResult
func run(_ arguments: String...) -> Int32 {
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  for descriptor in [1, 2] as [Int32] {
    unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
  }
  var vector = unsafe arguments.map { unsafe strdup($0) } + [nil]
  defer { for index in unsafe vector.indices { unsafe free(vector[index]) } }
  var child: pid_t = 0
  guard unsafe posix_spawnp(&child, arguments[0], &actions, nil, &vector, environ) == 0 else { return 127 }
  var status: Int32 = 0
  while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
  return status == 0 ? 0 : max(1, (status >> 8) & 0xFF)
}
