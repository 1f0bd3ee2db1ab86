/// An error number of the kernel, errno(3).
package struct Errno: Error, Hashable, Sendable {
  package var code: Int32

  package init(_ code: Int32) {
    self.code = code
  }

  // The numbers are those of Linux on every architecture that Swift runs on (asm-generic/errno-base.h, errno.h).
  package static let notPermitted = Errno(1)
  package static let noEntry = Errno(2)
  package static let io = Errno(5)
  package static let permission = Errno(13)
  package static let exists = Errno(17)
  package static let crossDevice = Errno(18)
  package static let notDirectory = Errno(20)
  package static let isDirectory = Errno(21)
  package static let invalid = Errno(22)
  package static let tooManyFiles = Errno(24)
  package static let noSpace = Errno(28)
  package static let readOnly = Errno(30)
  package static let nameTooLong = Errno(36)
  package static let notImplemented = Errno(38)
  package static let symbolicLink = Errno(40)
  package static let notSupported = Errno(95)
  package static let quota = Errno(122)
}
