internal import Glibc
internal import Rotation

/// Calls with one name and gives the result, which is not negative, or throws errno.
///
/// Throws `Errno.invalid` for a name that is empty, `.`, `..`, or has a slash or a NUL: a name is one component, and
/// what C would cut short or lead elsewhere never reaches the kernel.
func callWithName<Result: SignedInteger>(
  _ name: String, _ body: (UnsafePointer<CChar>) -> Result
) throws(Errno) -> Result {
  let isComponent = !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == 0x2F || $0 == 0 }
  guard isComponent else { throw .invalid }
  return try unsafe callWithPath(name, body)
}

/// The same for a path of any number of components.
func callWithPath<Result: SignedInteger>(
  _ path: String, _ body: (UnsafePointer<CChar>) -> Result
) throws(Errno) -> Result {
  guard !path.utf8.contains(0) else { throw .invalid }
  // errno is read before anything else can run.
  let (result, code) = unsafe path.withCString { path in
    let result = unsafe body(path)
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
