internal import CLinux
internal import EventLoop
internal import Glibc
internal import Rotation

/// The pipe to which a child writes, split into lines.
final class ChildLines {
  /// The most bytes of one line that are passed on; the rest is dropped.
  private static let longestLine = 2048
  /// The most lines and bytes of one child that are passed on: enough to see what went wrong, without flooding the
  /// journal.
  private static let mostLines = 200
  private static let mostBytes = 1 << 16
  /// Bytes that are read before the loop gets control again: a child that writes without end does not stop it.
  private static let readAtOnce = 1 << 16

  private let source: Descriptor
  private var sink: Descriptor?
  private var line: [UInt8] = []
  private var linesLeft = ChildLines.mostLines
  private var bytesLeft = ChildLines.mostBytes
  private var leavesOut = false

  /// Opens a pipe. Only the daemon's end is non-blocking.
  init() throws(Errno) {
    var ends: [Int32] = [0, 0]
    _ = try check(unsafe linux_pipe(&ends))
    source = Descriptor(owning: ends[0])
    sink = Descriptor(owning: ends[1])
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
  }

  /// The end that the loop watches.
  var reader: Int32 { source.number }

  /// The end for the child; -1 after it was closed here.
  var writer: Int32 { sink?.number ?? -1 }

  /// Closes the child's end in the daemon, so that the pipe ends with the child.
  func closeWriter() { sink = nil }

  /// Passes on the complete lines that are available; false at the end of the output.
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

  /// Passes on the last line if it has no newline.
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

  /// Reports once that there is more; the rest is read all the same, so that the child does not wait for a reader.
  private func leaveOut(_ onLine: (String) -> Void) {
    guard !leavesOut else { return }
    leavesOut = true
    emit(onLine)
    onLine("(more output is left out)")
  }
}
