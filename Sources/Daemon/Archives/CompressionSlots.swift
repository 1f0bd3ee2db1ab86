internal import Rotation
internal import Timekeeping

/// Lets so many compressions run at a time. The others wait, and the places are shared fairly between the owners of the
/// archives: each owner gets about as many bytes compressed as any other, so that one who fills a disk delays his own
/// archives and no other's. While a disk is low the smallest goes first: it needs the least room for its output, and gives
/// back what it takes soonest.
///
/// The order is start-time fair queueing (Goyal, Vin and Cheng, 1996): an archive starts in virtual time where the one
/// before it of the same owner ends, its bytes being its duration, and the earliest start goes first.
@safe package final class CompressionSlots {
  /// One compression, from its wait to its end.
  package final class Pass {
    fileprivate let owner: UInt32
    fileprivate let bytes: Int64
    fileprivate var start: Int64 = 0
    /// Whether its place was given to another while it goes on.
    fileprivate var isBeside = false

    fileprivate init(owner: UInt32, bytes: Int64) {
      self.owner = owner
      self.bytes = bytes
    }
  }

  /// The least and the most that an archive counts for: many empty ones are work as well, and a file system may say anything.
  private static let counted: ClosedRange<Int64> = (1 << 20)...(1 << 40)

  /// Places that nobody has; below zero when the limit was lowered under those who have one.
  private var free: Int
  private var limit: Int
  /// Compressions that go on without a place.
  private var beside = 0
  private var waiting: [Pass] = []
  private var tasks: [UnsafeContinuation<Void, Never>] = unsafe []
  /// Where the last compression that was begun starts in virtual time, and where the last of each owner ends.
  private var virtualTime: Int64 = 0
  private var ends: [UInt32: Int64] = [:]
  /// Whether the smallest goes first now.
  private let smallestFirst: () -> Bool

  package init(limit: Int, smallestFirst: @escaping () -> Bool = { false }) {
    free = limit
    self.limit = limit
    self.smallestFirst = smallestFirst
  }

  /// Gives more or fewer places from now on. A compression that has a place keeps it.
  package func change(limit: Int) {
    free += limit - self.limit
    self.limit = limit
    while free > 0, let next = nextWaiter() { begin(next) }
  }

  /// Waits until an archive of this owner, which takes so many bytes on disk, may be compressed, and takes a place.
  package func enter(bytes: Int64, owner: UInt32) async -> Pass {
    let pass = Pass(owner: owner, bytes: bytes)
    await unsafe withUnsafeContinuation { continuation in
      // Looked at in here: on the way a task may have gone through the queue, and others have left meanwhile.
      pass.start = max(virtualTime, ends[owner] ?? 0)
      let length = min(max(bytes, Self.counted.lowerBound), Self.counted.upperBound)
      ends[owner] = pass.start.saturatingAdd(length)
      guard free <= 0 else {
        free -= 1
        virtualTime = pass.start
        return unsafe continuation.resume()
      }
      waiting.append(pass)
      unsafe tasks.append(continuation)
    }
    return pass
  }

  /// Gives the place on, or back.
  package func leave(_ pass: Pass) {
    if pass.isBeside {
      beside -= 1
    } else {
      free += 1
      if free > 0, let next = nextWaiter() { begin(next) }
    }
    guard waiting.isEmpty, free == limit, beside == 0 else { return }
    virtualTime = 0
    ends = [:]
  }

  /// A compression that has its place for long lets another owner's archive begin beside it, if one waits. As many do so at
  /// a time as there are places.
  package func share(_ pass: Pass) {
    guard !pass.isBeside, beside < limit, let next = nextWaiter(besides: pass.owner) else { return }
    pass.isBeside = true
    beside += 1
    free += 1
    if free > 0 { begin(next) }
  }

  private func begin(_ index: Int) {
    free -= 1
    virtualTime = max(virtualTime, waiting.remove(at: index).start)
    // What ended before now counts no more.
    ends = ends.filter { $0.value > virtualTime }
    unsafe tasks.remove(at: index).resume()
  }

  /// Who is next, by the place in the queue.
  private func nextWaiter(besides owner: UInt32? = nil) -> Int? {
    let candidates = waiting.indices.lazy.filter { [waiting] in waiting[$0].owner != owner }
    guard smallestFirst() else { return candidates.min { [waiting] in waiting[$0].start < waiting[$1].start } }
    return candidates.min { [waiting] in waiting[$0].bytes < waiting[$1].bytes }
  }
}
