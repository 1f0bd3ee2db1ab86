/// An error number of the kernel, errno(3).
package struct Errno: Error, Hashable, Sendable {
  package var code: Int32

  package init(_ code: Int32) {
    self.code = code
  }

  // The numbers are those of Linux on every architecture that Swift runs on (asm-generic/errno-base.h, errno.h).
  package static let notPermitted = Errno(1)
  package static let noEntry = Errno(2)
  package static let noProcess = Errno(3)
  package static let io = Errno(5)
  package static let again = Errno(11)
  package static let permission = Errno(13)
  package static let busy = Errno(16)
  package static let exists = Errno(17)
  package static let crossDevice = Errno(18)
  package static let notDirectory = Errno(20)
  package static let isDirectory = Errno(21)
  package static let invalid = Errno(22)
  package static let tooManyFilesInSystem = Errno(23)
  package static let tooManyFiles = Errno(24)
  package static let noSpace = Errno(28)
  package static let readOnly = Errno(30)
  package static let tooManyLinks = Errno(31)
  package static let nameTooLong = Errno(36)
  package static let notImplemented = Errno(38)
  package static let symbolicLink = Errno(40)
  package static let notSupported = Errno(95)

  /// Whether F_SETLEASE (fcntl(2)) fails with this error because leases are not available: the file system has none, or
  /// the daemon may not take them. Any other error is temporary, and proves nothing.
  package var meansNoLeases: Bool {
    switch code {
    // EPERM, EACCES, EINVAL, ENOLCK, ENOSYS, EOPNOTSUPP.
    case 1, 13, 22, 37, 38, 95: true
    default: false
    }
  }
}

extension Errno: CustomStringConvertible {
  private static let texts: [Int32: String] = [
    1: "operation not permitted (EPERM)",
    2: "no such file or directory (ENOENT)",
    3: "no such process (ESRCH)",
    4: "interrupted system call (EINTR)",
    5: "input/output error (EIO)",
    11: "resource temporarily unavailable (EAGAIN)",
    12: "cannot allocate memory (ENOMEM)",
    13: "permission denied (EACCES)",
    16: "device or resource busy (EBUSY)",
    17: "file exists (EEXIST)",
    18: "invalid cross-device link (EXDEV)",
    20: "not a directory (ENOTDIR)",
    21: "is a directory (EISDIR)",
    22: "invalid argument (EINVAL)",
    23: "too many open files in system (ENFILE)",
    24: "too many open files (EMFILE)",
    26: "text file busy (ETXTBSY)",
    27: "file too large (EFBIG)",
    28: "no space left on device (ENOSPC)",
    30: "read-only file system (EROFS)",
    31: "too many links (EMLINK)",
    36: "file name too long (ENAMETOOLONG)",
    38: "function not implemented (ENOSYS)",
    40: "a symbolic link in the path (ELOOP)",
    95: "operation not supported (EOPNOTSUPP)",
    116: "stale file handle (ESTALE)",
    122: "disk quota exceeded (EDQUOT)",
  ]

  /// The error in words, with its symbol: `no space left on device (ENOSPC)`.
  package var description: String { Self.texts[code] ?? "error number \(code)" }

  /// The symbol alone: `ENOSPC`; the number if it has no symbol here.
  package var symbol: String {
    guard let text = Self.texts[code], let start = text.lastIndex(of: "(") else { return "\(code)" }
    return String(text[text.index(after: start)...].dropLast())
  }
}
