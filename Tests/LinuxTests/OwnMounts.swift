import CLinux
import Glibc

/// A thread with its own mounts: they end with it, and nobody else sees them.
enum OwnMounts {
  private final class Work {
    let body: () -> [String]?
    var result: [String]?

    init(_ body: @escaping () -> [String]?) {
      self.body = body
    }
  }

  /// nil if the kernel does not allow it.
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
        // Without this, mounts would spread to the namespace from which this one was copied.
        guard LinuxTests.run("mount", "--make-rprivate", "/") == 0 else { return nil }
        work.result = work.body()
        return nil
      }, pointer)
    precondition(code == 0, "No thread could be started.")
    pthread_join(thread, nil)
    return work.result
  }
}
