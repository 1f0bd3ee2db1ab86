internal import CLinux
internal import Glibc
internal import Rotation

/// Copies the ACL, the SELinux label and the user's attributes of a file to another (xattr(7)).
///
/// Other attributes are not copied: capabilities and IMA hashes belong to the content, and `trusted.*` to its author.
enum ExtendedAttributes {
  private static let accessList: ExactText = "system.posix_acl_access"
  private static let label: ExactText = "security.selinux"

  /// A file system without extended attributes, on either side, is no error.
  static func takeOver(from source: Int32, to target: Int32) throws(Errno) {
    let names: [ExactText]
    do throws(Errno) {
      names = try list(source)
    } catch  where error == .notSupported {
      return
    }
    for name in names where name == accessList || name == label || name.bytes.starts(with: "user.".utf8) {
      guard let value = try value(of: name, source), try self.value(of: name, target) != value else { continue }
      do throws(Errno) {
        try set(name, value, target)
      } catch  where error == .notSupported {
        continue
      }
    }
    // A default ACL of the directory has given the new file one that the model does not have.
    if !names.contains(accessList), try value(of: accessList, target) != nil { try remove(accessList, target) }
  }

  private static func list(_ file: Int32) throws(Errno) -> [ExactText] {
    let bytes = try unsafe growing { buffer, size in
      unsafe flistxattr(file, buffer?.assumingMemoryBound(to: CChar.self), size)
    }
    return bytes.split(separator: 0).map { ExactText($0) }
  }

  /// The value of an attribute; nil if the file does not have it.
  private static func value(of name: ExactText, _ file: Int32) throws(Errno) -> [UInt8]? {
    do throws(Errno) {
      return try unsafe growing { buffer, size in unsafe name.withCString { unsafe fgetxattr(file, $0, buffer, size) } }
    } catch  where error == Errno(ENODATA) || error == .notSupported {
      return nil
    }
  }

  private static func set(_ name: ExactText, _ value: [UInt8], _ file: Int32) throws(Errno) {
    _ = try unsafe callWithPath(name) { name in
      unsafe value.withUnsafeBytes { unsafe fsetxattr(file, name, $0.baseAddress, $0.count, 0) }
    }
  }

  private static func remove(_ name: ExactText, _ file: Int32) throws(Errno) {
    do throws(Errno) {
      _ = try unsafe callWithPath(name) { unsafe fremovexattr(file, $0) }
    } catch  where error == Errno(ENODATA) || error == .notSupported {
      return
    }
  }

  /// Asks for the size, then for the bytes, and again if they have grown meanwhile.
  private static func growing(
    _ call: (UnsafeMutableRawPointer?, Int) -> Int
  ) throws(Errno) -> [UInt8] {
    while true {
      let size = try check(call(nil, 0))
      guard size > 0 else { return [] }
      var bytes = [UInt8](repeating: 0, count: size)
      let (count, code) = unsafe bytes.withUnsafeMutableBytes { buffer in
        let count = unsafe call(buffer.baseAddress, size)
        return (count, errno)
      }
      if count >= 0 { return Array(bytes.prefix(count)) }
      guard code == ERANGE else { throw Errno(code) }
    }
  }
}
