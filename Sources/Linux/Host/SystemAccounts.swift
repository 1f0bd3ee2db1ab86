package import Config
internal import Glibc
internal import Rotation

/// The system's users and groups (getpwnam_r(3), getgrnam_r(3): files, LDAP, systemd's dynamic users).
package enum SystemAccounts {
  private static let firstBuffer = 1 << 10
  private static let largestBuffer = 1 << 20

  /// Looks names up on each call. A name that is unknown and is a number is that id, as in chown(1). Errors that are no
  /// answer are recorded.
  package static func accounts(noting failure: LookUpFailure) -> Accounts {
    Accounts(user: { user($0, failure) }, group: { group($0, failure) })
  }

  private static func user(_ name: String, _ failure: LookUpFailure) -> UInt32? {
    unsafe lookUp("/etc/passwd", failure) { buffer, size in
      var record = unsafe passwd()
      var found: UnsafeMutablePointer<passwd>?
      let code = unsafe getpwnam_r(name, &record, buffer, size, &found)
      return (code, unsafe found == nil ? nil : unsafe record.pw_uid)
    } ?? number(name)
  }

  private static func group(_ name: String, _ failure: LookUpFailure) -> UInt32? {
    unsafe lookUp("/etc/group", failure) { buffer, size in
      var record = unsafe Glibc.group()
      var found: UnsafeMutablePointer<Glibc.group>?
      let code = unsafe getgrnam_r(name, &record, buffer, size, &found)
      return (code, unsafe found == nil ? nil : unsafe record.gr_gid)
    } ?? number(name)
  }

  /// The longest account file that is read.
  private static let longestFile = 64 << 20

  /// Tries again with a buffer of twice the size while the record does not fit: a group may have thousands of members.
  /// glibc reports a name as missing if it cannot read the file, so the file is read once more to find out.
  private static func lookUp(
    _ file: FilePath, _ failure: LookUpFailure, _ call: (UnsafeMutablePointer<CChar>, Int) -> (code: Int32, id: UInt32?)
  ) -> UInt32? {
    var size = firstBuffer
    while true {
      var buffer = [CChar](repeating: 0, count: size)
      let (code, id) = unsafe call(&buffer, size)
      guard code == ERANGE && size < largestBuffer else {
        if code != 0 { failure.note(Errno(code)) }
        if code == 0, id == nil {
          do throws(Errno) {
            _ = try FileContent.read(file, limit: longestFile)
          } catch {
            failure.note(error)
          }
        }
        return code == 0 ? id : nil
      }
      size *= 2
    }
  }

  /// The greatest number is no id: chown(2) reads it as "leave unchanged".
  private static func number(_ text: String) -> UInt32? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt32(text).flatMap { $0 == .max ? nil : $0 }
  }
}
