import Glibc
import Testing

/// A test's own directory, with a directory `logs` in it; removed with its contents when the test releases it.
final class Scratch {
  let path: String

  init(in directory: String = "/tmp") {
    var template = Array("\(directory)/rotated-test.XXXXXX".utf8CString)
    let made = mkdtemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if made == nil || mkdir(self["logs"], 0o755) != 0 {
      Issue.record("cannot make a directory in \(directory): errno \(errno)")
    }
  }

  deinit {
    Self.removeAll(path)
  }

  /// Removes a directory with its content, or a file.
  private static func removeAll(_ path: String) {
    if unlink(path) == 0 { return }
    for name in names(in: path) { removeAll("\(path)/\(name)") }
    remove(path)
  }

  subscript(_ name: String) -> String { "\(path)/\(name)" }

  /// The table of a job for `logs/NAME.log`, or for another path below the scratch directory, with more lines of TOML.
  func job(_ name: String, logs: String? = nil, _ lines: String...) -> String {
    (["[job.\(name)]", "logs = '\(self[logs ?? "logs/\(name).log"])'"] + lines).joined(separator: "\n") + "\n"
  }

  /// Runs rotatectl on `rotated.toml` to its end; a rotation with the daemon's state.
  func rotatectl(_ command: String, _ more: String...) throws -> (code: Int32, text: String) {
    try rotatectl(command, more)
  }

  /// The same with a list of arguments.
  func rotatectl(_ command: String, _ more: [String]) throws -> (code: Int32, text: String) {
    let state = command == "rotate" ? ["--state", self["state"]] : []
    return try Program.run(Program.rotatectl, [command, "--config", self["rotated.toml"]] + state + more)
  }

  /// A descriptor of a file.
  func open(_ name: String, _ flags: Int32 = O_WRONLY | O_APPEND) throws -> Int32 {
    let descriptor = Glibc.open(self[name], flags | O_CLOEXEC, 0o644)
    try #require(descriptor >= 0, "cannot open \(self[name]): errno \(errno)")
    return descriptor
  }

  /// Writes a whole file.
  func write(_ text: String, to name: String) throws { try put(text, name, O_TRUNC) }

  /// Appends as a logging program does.
  func append(_ text: String, to name: String) throws { try put(text, name, O_APPEND) }

  private func put(_ text: String, _ name: String, _ flags: Int32) throws {
    let descriptor = try open(name, O_WRONLY | O_CREAT | flags)
    defer { close(descriptor) }
    try #require(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
  }

  /// What stat(2) says of a file.
  func status(_ name: String) throws -> stat {
    var status = stat()
    try #require(stat(self[name], &status) == 0, "cannot stat \(self[name]): errno \(errno)")
    return status
  }

  /// The archive, uncompressed by gzip(1).
  func unpacked(_ name: String) throws -> String { try Program.run("gzip", ["-dc", self[name]]).text }

  /// The content of a file; nil when there is none.
  func read(_ name: String) -> String? { readWholeFile(self[name]) }

  /// Names in a directory, sorted, hidden ones too.
  func list(_ name: String = "") -> [String] {
    names(in: self[name]).sorted()
  }

  /// Name and content of every file in a directory.
  func contents(_ name: String) -> [String: String] {
    Dictionary(uniqueKeysWithValues: list(name).map { ($0, read("\(name)/\($0)") ?? "(unreadable)") })
  }

  func makeDirectory(_ name: String) throws {
    try #require(mkdir(self[name], 0o755) == 0, "cannot make \(self[name]): errno \(errno)")
  }
}

/// The names in a directory but `.` and `..`; none when it cannot be read.
func names(in directory: String) -> [String] {
  guard let stream = opendir(directory) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}

/// The content of a file as text; nil when it cannot be opened.
func readWholeFile(_ path: String) -> String? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = Glibc.read(descriptor, &chunk, chunk.count)
    guard count > 0 else { break }
    bytes += chunk.prefix(count)
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// Waits for a condition, which is checked every few milliseconds, at most this many seconds.
func eventually(
  _ what: @autoclosure () -> String, within seconds: Int = 30, sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () throws -> Bool
) throws {
  for _ in 0..<(seconds * 200) {
    if try condition() { return }
    usleep(5000)
  }
  throw Failure(text: "\(what()): not within \(seconds) s")
}

/// The condition for which a test waited in vain.
struct Failure: Error, CustomStringConvertible {
  var text: String
  var description: String { text }
}

/// Reads what there is, without a wait, and appends it.
func readAvailable(_ descriptor: Int32, to text: inout String) {
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    guard count > 0 else { return }
    text += String(decoding: chunk.prefix(count), as: UTF8.self)
  }
}

/// The processes whose parent is this one.
func processes(startedBy parent: pid_t) -> [pid_t] {
  // The kernel's own list, if it is built with it; else every process is checked for its parent.
  if let list = readWholeFile("/proc/\(parent)/task/\(parent)/children") {
    return list.split(separator: " ").compactMap { pid_t($0) }
  }
  return names(in: "/proc").compactMap { pid_t($0) }.filter { candidate in
    guard let stat = readWholeFile("/proc/\(candidate)/stat"), let end = stat.lastIndex(of: ")") else { return false }
    let fields = stat[end...].split(separator: " ")
    return fields.count > 2 && pid_t(fields[2]) == parent
  }
}
