internal import Glibc
internal import Rotation

/// Calls with one name and gives the result, which is not negative, or throws errno.
///
/// Throws `Errno.invalid` for a name that is empty, `.`, `..`, or has a slash or a NUL: a name is one component, and
/// what C would cut short or lead elsewhere never reaches the kernel.
func callWithName<Result: SignedInteger>(
  _ name: String, _ body: (UnsafePointer<CChar>) -> Result
) throws(Errno) -> Result {
  guard !name.isEmpty, name != ".", name != ".." else { throw .invalid }
  return try unsafe callWithPath(name, but: UInt8(ascii: "/"), body)
}

/// The same for a path of any number of components, or of bytes but one that it may not have.
func callWithPath<Result: SignedInteger>(
  _ path: String, but forbidden: UInt8? = nil, _ body: (UnsafePointer<CChar>) -> Result
) throws(Errno) -> Result {
  // Where the C string ends early, the text has a NUL. errno is read before anything else can run.
  let (result, code) = unsafe path.withCString { start in
    guard unsafe strlen(start) == path.utf8.count else { return (-1 as Result, EINVAL) }
    if let forbidden, unsafe strchr(start, Int32(forbidden)) != nil { return (-1 as Result, EINVAL) }
    let result = unsafe body(start)
    return (result, result < 0 ? errno : 0)
  }
  guard result >= 0 else { throw Errno(code) }
  return result
}

/// Calls with two names of one directory, as `callWithName`.
func callWithNames(
  _ one: String, _ other: String, _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
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

/// The result of a call that takes no name, or errno.
func check<Result: SignedInteger>(_ result: Result) throws(Errno) -> Result {
  guard result >= 0 else { throw Errno(errno) }
  return result
}
