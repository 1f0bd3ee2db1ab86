package import Rotation

/// Whether something that a config names could not be looked up while it was read: then that it is not there proves nothing.
package final class LookUpFailure {
  /// The last error that may pass; nil when each look-up has had an answer.
  package private(set) var errno: Errno?

  package init() {}

  /// Notes an error of a look-up, if it is one that may pass.
  func note(_ error: Errno) {
    if !error.isLasting { errno = error }
  }
}

extension Errno {
  /// Whether an error of opening or reading stays until somebody changes the path or what lies there. Any other may be gone
  /// at the next try: EIO, EMFILE, ENFILE, ENOMEM, ESTALE and the like.
  var isLasting: Bool {
    switch self {
    case .notPermitted, .noEntry, .noProcess, .permission, .notDirectory, .isDirectory, .invalid, .nameTooLong,
      .symbolicLink:
      true
    // EFBIG; EBADF is what some name services say of a name that they do not know (getpwnam(3)).
    default: code == 27 || code == 9
    }
  }
}
