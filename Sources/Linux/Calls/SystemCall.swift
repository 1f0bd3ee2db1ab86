internal import Glibc
internal import Rotation

/// Calls with one name, and returns the result if that is not negative; throws errno otherwise.
///
/// Throws `Errno.invalid` for a name that is empty, `.`, `..`, or has a slash or a NUL: a name is one component, and
/// the kernel never gets a name that C would truncate, or that leads elsewhere.
func callWithName<Result: SignedInteger>(
  _ name: FileName, _ body: (UnsafePointer<CChar>) -> Result
) throws(Errno) -> Result {
  let bytes = name.bytes
  let isDots = bytes.count <= 2 && bytes.allSatisfy { $0 == UInt8(ascii: ".") }
  guard !isDots, !bytes.contains(UInt8(ascii: "/")) else { throw .invalid }
  return try unsafe callWithPath(name, body)
}

/// The same for a path of any number of components, or another text without a NUL.
func callWithPath<Result: SignedInteger>(
  _ path: some ExactBytes, _ body: (UnsafePointer<CChar>) -> Result
) throws(Errno) -> Result {
  guard !path.bytes.contains(0) else { throw .invalid }
  // errno is read before anything else can run.
  let (result, code) = unsafe path.withCString { start in
    let result = unsafe body(start)
    return (result, result < 0 ? errno : 0)
  }
  guard result >= 0 else { throw Errno(code) }
  return result
}

extension ExactBytes {
  /// Calls with the bytes as a C string, with a final NUL.
  func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let bytes = self.bytes
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
      guard let start = buffer.baseAddress else {
        preconditionFailure("A buffer with a byte in it has an address.")
      }
      unsafe bytes.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      unsafe buffer[bytes.count] = 0
      return unsafe body(UnsafePointer(start))
    }
  }
}

/// Calls with two names of one directory, as `callWithName`.
func callWithNames(
  _ one: FileName, _ other: FileName, _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
) throws(Errno) {
  var inner: Errno?
  _ = try unsafe callWithName(one) { one -> Int32 in
    do throws(Errno) {
      _ = try unsafe callWithName(other) { other in unsafe body(one, other) }
    } catch {
      inner = error
    }
    return 0
  }
  if let inner { throw inner }
}

/// The result of a call without a name; throws errno if it is negative.
func check<Result: SignedInteger>(_ result: Result) throws(Errno) -> Result {
  guard result >= 0 else { throw Errno(errno) }
  return result
}
