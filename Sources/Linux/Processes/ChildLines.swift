internal import CLinux
internal import EventLoop
internal import Glibc
internal import Rotation

/// The pipe that a child writes to, taken apart into lines.
final class ChildLines {
  /// Bytes of one line that are handed on; the rest of it is left out.
  private static let longestLine = 2048
  /// Lines and bytes of one child that are handed on: enough to see what went wrong, and no flood in the journal.
  private static let mostLines = 200
  private static let mostBytes = 1 << 16
  /// Bytes that are read before the loop has its turn again: a child that writes without end does not stop it.
  private static let readAtOnce = 1 << 16

  private let source: Descriptor
  private var sink: Descriptor?
  private var line: [UInt8] = []
  private var linesLeft = ChildLines.mostLines
  private var bytesLeft = ChildLines.mostBytes
  private var leavesOut = false

  /// Opens a pipe of which only the daemon's end does not wait.
  init() throws(Errno) {
    var ends: [Int32] = [0, 0]
    _ = try check(unsafe linux_pipe(&ends))
    source = Descriptor(owning: ends[0])
    sink = Descriptor(owning: ends[1])
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
  }

  /// Watched by the loop.
  var reader: Int32 { source.number }

  /// Given to the child; -1 when it is closed here.
  var writer: Int32 { sink?.number ?? -1 }

  /// Closes the child's end in the daemon, so that the pipe ends with the child.
  func closeWriter() { sink = nil }

  /// Hands on the whole lines that are there; false at the end of the output.
  func read(_ onLine: (String) -> Void) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var total = 0
    while total < Self.readAtOnce {
      let count = unsafe Glibc.read(reader, &buffer, buffer.count)
      if count == 0 { return false }
      guard count > 0 else { return true }
      total += count
      take(buffer[..<count], onLine)
    }
    return true
  }

  /// Hands on what has no newline at its end.
  func finish(_ onLine: (String) -> Void) {
    if !line.isEmpty { emit(onLine) }
  }

  private func take(_ bytes: ArraySlice<UInt8>, _ onLine: (String) -> Void) {
    for byte in bytes {
      if linesLeft == 0 || bytesLeft == 0 { return leaveOut(onLine) }
      if byte == UInt8(ascii: "\n") {
        emit(onLine)
      } else if line.count < Self.longestLine {
        line.append(byte)
        bytesLeft -= 1
      }
    }
  }

  private func emit(_ onLine: (String) -> Void) {
    if !line.isEmpty {
      onLine(String(decoding: line, as: UTF8.self))
      linesLeft -= 1
    }
    line.removeAll(keepingCapacity: true)
  }

  /// Says once that there is more; the rest is read all the same, so that the child does not wait for a reader.
  private func leaveOut(_ onLine: (String) -> Void) {
    guard !leavesOut else { return }
    leavesOut = true
    emit(onLine)
    onLine("(more output is left out)")
  }
}
