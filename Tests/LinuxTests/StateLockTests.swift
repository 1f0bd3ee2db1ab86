import Daemon
import Glibc
import Linux
import Rotation
import Testing

@Suite("The lock of a state directory")
struct StateLockTests {
  @Test("is refused to a second process, which gets the pid of the first")
  func held() async throws {
    let scratch = try ScratchDirectory()
    let lock = try StateLock.take(in: scratch.open())
    let (path, pid) = (scratch.path, getpid())
    await #expect(processExitsWith: .success) { [path = path as String, pid = pid as Int32] in
      do {
        _ = try StateLock.take(in: LinuxFileSystem().openDirectory(FilePath(path)))
      } catch {
        exit(error as? StateLock.Failure == .held(pid: pid) ? 0 : 2)
      }
      exit(3)
    }
    lock.release()
    await #expect(processExitsWith: .success) { [path = path as String] in
      _ = try StateLock.take(in: LinuxFileSystem().openDirectory(FilePath(path)))
    }
  }

  @Test("is free again when its holder has ended")
  func died() async throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let lock = try StateLock.take(in: LinuxFileSystem().openDirectory(FilePath(path)))
      kill(getpid(), SIGKILL)
      lock.release()
    }
    try StateLock.take(in: scratch.open()).release()
  }

  @Test("is not taken through a symbolic link")
  func link() throws {
    let scratch = try ScratchDirectory()
    #expect(unsafe symlink("/tmp/rotated-elsewhere", "\(scratch.path)/lock") == 0)
    let directory = try scratch.open()
    #expect(throws: StateLock.Failure.system(.symbolicLink)) { _ = try StateLock.take(in: directory) }
  }
}
