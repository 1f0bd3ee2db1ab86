internal import Daemon
internal import EventLoop
internal import Glibc
internal import Rotation

/// An open file with its descriptor, which is closed with it.
class LinuxFile: OpenFile {
  let file: Descriptor

  init(_ file: consuming Descriptor) {
    self.file = file
  }

  var token: Int32 { file.number }

  func status() throws(Errno) -> FileStatus { try LinuxFileSystem.status(of: file.number) }

  func sync() throws(Errno) { _ = try check(fdatasync(file.number)) }

  func flush(from start: Int64, to end: Int64) throws(Errno) {
    try FileCopy.flush(file.number, from: start, to: end)
  }

  func read(_ count: Int, at offset: Int64) throws(Errno) -> [UInt8] {
    try FileCopy.read(file.number, count, at: offset)
  }
}
