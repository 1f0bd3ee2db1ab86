import EventLoop
import Rotation

// Reads logs in pieces: a user may make a log of any size, of holes, of NULs, or without a newline, and the loop has
// other work. After each piece of about `Limits.pieceBytes`, other tasks run.
extension Truncator {
  /// Bytes at each end of the copied range that identify it later.
  static let sample = 4096
  /// Bytes per read.
  private static let chunk: Int64 = 65_536
  /// The cost of a call that reads nothing, in bytes.
  private static let callBytes: Int64 = 4096

  /// Counts work that was done, and yields after each piece.
  private func spend(_ bytes: Int64, _ superseded: inout Int64) async {
    superseded += bytes
    guard superseded >= Limits.pieceBytes else { return }
    superseded = 0
    await loop.yield()
  }

  // MARK: Where the lines are

  /// The first byte that belongs into an archive: after the NULs of an earlier punch or of a writer that kept its
  /// offset, and after the padding of an earlier collapse, if it is still there. It may be less if the daemon stops.
  func start(of log: any LogFile, _ path: FilePath) async throws(Errno) -> Int64 {
    try rotator.heads.skipPadding(of: log, path, at: try await firstContent(of: log))
  }

  /// The first byte that is not NUL; the end of the file if there is none.
  func firstContent(of log: any LogFile) async throws(Errno) -> Int64 {
    var (place, superseded): (Int64, Int64) = (0, 0)
    while !isStopping {
      place = try log.nextData(from: place)
      let bytes = try log.read(Int(Self.chunk), at: place)
      if let index = bytes.firstIndex(where: { $0 != 0 }) { return place + Int64(index) }
      place += Int64(bytes.count)
      if bytes.count < Self.chunk { return place }
      await spend(Self.chunk, &superseded)
    }
    return place
  }

  /// The end of the last complete line, searched backwards; the end of the copy if there is none, or if the last line
  /// is longer than `Limits.longestLine`. With `copy` it is the last byte: the file is emptied, so an incomplete
  /// line cannot stay in it; with `leave` too: it is no matter of lines.
  func lastLine(of copy: Copy, upTo size: Int64) async throws(Errno) -> Int64 {
    if copy.way == .copy || copy.way == .leave { return max(copy.end, size) }
    var (end, length, superseded): (Int64, Int64, Int64) = (size, 0, 0)
    while end > copy.end, length < Limits.longestLine, !isStopping {
      // A hole has no line.
      end = try lastData(of: copy.log, from: copy.end, before: end)
      let start = max(copy.end, end - Self.chunk)
      let bytes = try copy.log.read(Int(end - start), at: start)
      if let index = bytes.lastIndex(of: UInt8(ascii: "\n")) { return start + Int64(index) + 1 }
      length += end - start
      end = start
      await spend(Self.chunk, &superseded)
    }
    return copy.end
  }

  /// An offset after which there are only holes up to `end`, and before which there is data, or which is `start`. It is
  /// found by bisection, because the kernel searches data only forwards.
  private func lastData(of log: any LogFile, from start: Int64, before end: Int64) throws(Errno) -> Int64 {
    if try log.nextData(from: end - 1) < end { return end }
    guard try log.nextData(from: start) < end else { return start }
    var (low, high) = (start, end)
    while high - low > Self.callBytes {
      let middle = low + (high - low) / 2
      let data = try log.nextData(from: middle)
      if data < end { low = max(middle, data) } else { high = middle }
    }
    return high
  }

  /// Whether the log still has what was copied: it is no shorter, both ends of the copied range have the same bytes,
  /// and there is no new data before it.
  func isUnchanged(_ copy: Copy) throws(Errno) -> Bool {
    let log = copy.log
    guard try log.status().size >= copy.end, try log.nextData(from: 0) >= copy.firstData else { return false }
    guard try log.read(copy.head.count, at: copy.start) == copy.head else { return false }
    return try log.read(copy.tail.count, at: copy.end - Int64(copy.tail.count)) == copy.tail
  }

  // MARK: Comparing

  /// How many bytes of the archive, from its first on, the log still has, apart from the bytes that the truncation has
  /// changed. nil if these are fewer than were copied when the truncation was recorded, if the log has data before
  /// them, or if the daemon stops. The archive may have more bytes: the method `copy` may have copied more, and
  /// somebody may have appended to it. The first bytes that somebody appended may equal the log by chance, so after the
  /// copied bytes only whole lines count.
  func agreement(of log: any LogFile, _ cut: Truncation, _ archive: any LogFile) async throws(Errno) -> Int64? {
    let copied = cut.end - cut.start
    // Subtractions, because sums of numbers from a state may overflow.
    let size = try archive.status().size
    let common = min(size, try log.status().size - cut.start)
    guard common >= copied, try await isBlank(log, below: cut.start) else { return nil }
    let (padding, newline) = (cut.padding.bytes, UInt8(ascii: "\n"))
    let end = cut.start + (cut.way == .copy ? common : copied)
    var lines = copied
    var (place, superseded, cost): (Int64, Int64, Int64) = (cut.start, 0, 0)
    while place < end {
      // The cost is paid before a comparison, not after: after the last comparison there is no yield.
      await spend(cost, &superseded)
      if isStopping { return nil }
      let data = min(end, try log.nextData(from: place))
      let kept = min(end, try archive.nextData(from: place - cut.start) + cut.start)
      // Holes on both sides are equal, and a hole in the log alone may be the punched range.
      let same = max(min(data, kept), cut.way == .copy ? place : min(data, cut.removed))
      cost = Self.callBytes
      guard same <= place else {
        place = same
        continue
      }
      let count = Int(min(end - place, Self.chunk))
      let (there, was) = (try log.read(count, at: place), try archive.read(count, at: place - cut.start))
      guard there.count == count, was.count == count else { return nil }
      for index in 0..<(there == was ? 0 : count) where there[index] != was[index] {
        let offset = place + Int64(index)
        let isCut =
          offset < cut.removed
          ? cut.way != .copy && there[index] == 0
          : offset < cut.end && there[index] == padding[Int(offset - cut.removed)]
        if isCut { continue }
        guard offset >= cut.end else { return nil }
        return max(lines, was[..<index].lastIndex(of: newline).map { place + Int64($0) + 1 - cut.start } ?? 0)
      }
      if let index = was.lastIndex(of: newline) { lines = max(lines, place + Int64(index) + 1 - cut.start) }
      place += Int64(count)
      cost = 2 * Self.chunk
    }
    return cut.way == .copy && common < size ? lines : end - cut.start
  }

  /// Whether there are only NULs and blank lines, which need not be in an archive.
  private func isBlank(_ log: any LogFile, below end: Int64) async throws(Errno) -> Bool {
    var (place, superseded): (Int64, Int64) = (0, 0)
    while !isStopping {
      place = try log.nextData(from: place)
      guard place < end else { return true }
      let bytes = try log.read(Int(min(Self.chunk, end - place)), at: place)
      let blank: [UInt8] = [0, UInt8(ascii: " "), UInt8(ascii: "\n")]
      guard !bytes.isEmpty, bytes.allSatisfy({ blank.contains($0) }) else { return false }
      place += Int64(bytes.count)
      await spend(Self.chunk, &superseded)
    }
    return false
  }

  /// Whether the blocks of this truncation were already removed: before, the log begins with NULs; after, with the
  /// padding. Where blocks are allocated in larger clusters, some NULs are left before the padding.
  func wasCollapsed(_ log: any LogFile, _ cut: Truncation) async throws(Errno) -> Bool {
    let padding = cut.padding.bytes
    let first = try await firstContent(of: log)
    guard first < cut.removed, !padding.isEmpty else { return false }
    return try log.read(padding.count, at: first) == padding
  }
}
