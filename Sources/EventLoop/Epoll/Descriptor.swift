internal import Glibc

/// A file descriptor with one owner, closed when the owner is destroyed.
package struct Descriptor: ~Copyable {
  /// Its number in the kernel.
  package let number: Int32

  /// Takes ownership of an open descriptor.
  package init(owning number: Int32) {
    precondition(number >= 0, "A descriptor is owned only after the call that opened it has succeeded.")
    self.number = number
  }

  deinit {
    // Linux frees the number even when close(2) reports an error, so there is nothing to retry.
    _ = close(number)
  }
}
