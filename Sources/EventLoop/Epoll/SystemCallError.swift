internal import Glibc

/// A system call of the loop that the kernel refused.
package struct SystemCallError: Error, Hashable, Sendable {
  /// The name of the call, as in its manual page.
  package var call: String
  /// errno(3).
  package var code: Int32

  package init(_ call: String, code: Int32) {
    self.call = call
    self.code = code
  }

  /// Reads errno of the thread: create it right after the call that failed.
  package init(_ call: String) {
    self.call = call
    self.code = errno
  }
}
