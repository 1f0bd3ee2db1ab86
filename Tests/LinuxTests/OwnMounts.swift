import CLinux
import Glibc

/// A thread with mounts of its own: whatever happens, they are gone with it, and nobody else sees them.
enum OwnMounts {
  private final class Work {
    let body: () -> [String]?
    var result: [String]?

    init(_ body: @escaping () -> [String]?) {
      self.body = body
    }
  }

  /// nil when the kernel does not let us.
  static func run(_ body: @escaping () -> [String]?) -> [String]? {
    let work = Work(body)
    var thread = pthread_t()
    let pointer = unsafe Unmanaged.passUnretained(work).toOpaque()
    let code = unsafe pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer = unsafe pointer else { return nil }
        let work = unsafe Unmanaged<Work>.fromOpaque(pointer).takeUnretainedValue()
        guard linux_unshare_mounts() == 0 else { return nil }
        // Else mounts would spread to the namespace that this one was copied from.
        guard LinuxTests.run("mount", "--make-rprivate", "/") == 0 else { return nil }
        work.result = work.body()
        return nil
      }, pointer)
    precondition(code == 0, "No thread could be started.")
    pthread_join(thread, nil)
    return work.result
  }
}
