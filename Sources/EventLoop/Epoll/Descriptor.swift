internal import Glibc

/// A file descriptor with one owner, closed when the owner goes.
package struct Descriptor: ~Copyable {
  /// What the kernel knows it by.
  package let number: Int32

  /// Takes over a descriptor that is open.
  package init(owning number: Int32) {
    precondition(number >= 0, "A descriptor is owned only after the call that opened it has succeeded.")
    self.number = number
  }

  deinit {
    // Linux frees the number even when close(2) reports an error, so there is nothing to retry.
    _ = close(number)
  }
}
