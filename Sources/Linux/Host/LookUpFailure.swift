package import Rotation

/// Whether a look-up failed while a config was read: then a missing name is no proof that it does not exist.
package final class LookUpFailure {
  /// The last temporary error; nil if each look-up had an answer.
  package private(set) var errno: Errno?

  package init() {}

  /// Records an error of a look-up, if it may be temporary.
  func note(_ error: Errno) {
    if !error.isLasting { errno = error }
  }
}

extension Errno {
  /// Whether an error of opening or reading stays until somebody changes the path or the file. Any other may be gone at
  /// the next try: EIO, EMFILE, ENFILE, ENOMEM, ESTALE and the like.
  var isLasting: Bool {
    switch self {
    case .notPermitted, .noEntry, .noProcess, .permission, .notDirectory, .isDirectory, .invalid, .nameTooLong,
      .symbolicLink:
      true
    // EFBIG; and EBADF, which some name services return for an unknown name (getpwnam(3)).
    default: code == 27 || code == 9
    }
  }
}
