internal import CLinux
internal import Glibc

/// The number of files that the daemon may have open: the kernel's maximum, for runs, children and their output.
package enum FileLimit {
  /// The soft limit with which the daemon was started, which its children get.
  nonisolated(unsafe) private(set) static var ofChildren: UInt64?

  /// Raises the soft limit to the hard one. Called once, before the loop begins.
  package static func raise() {
    var (before, now): (UInt64, UInt64) = (0, 0)
    if unsafe linux_raise_file_limit(&before, &now) == 0 { unsafe ofChildren = before }
  }

  /// Gives a child the limit that it would have without rotated: select(2) fails beyond it.
  static func restore(for child: pid_t) {
    guard let files = unsafe ofChildren else { return }
    _ = linux_limit_files(child, files)
  }
}
