internal import EventLoop
internal import Rotation
internal import Timekeeping

/// When a log may be rotated for its size again: after its `min-interval`, and some time after a rotation was undone.
final class SizePauses {
  private let loop: LoopExecutor
  private let state: StateStore
  private let space: SpaceWatch
  /// Logs whose rotation was undone: how often in a row, and until when they are not rotated for their size.
  private var undone: [FilePath: (times: Int, until: MonotonicTime)] = [:]

  init(_ loop: LoopExecutor, _ state: StateStore, _ space: SpaceWatch) {
    self.loop = loop
    self.state = state
    self.space = space
  }

  /// How long a log has to wait until it may be rotated by size again; nil when it need not. Where archives go before their
  /// time, since too little is free, none waits for its `min-interval`.
  func pause(of path: FilePath, _ limit: SizeLimit) -> Span? {
    if let until = undone[path]?.until, case let now = loop.now(), now < until { return until - now }
    guard let least = limit.minInterval, let known = state.log(path), let rotated = known.rotated,
      !state.isHalfDone(path)
    else { return nil }
    let passed = WallTime(nanoseconds: loop.wallClock()) - rotated
    // A rotation that lies ahead was told by a clock that was wrong.
    guard passed >= .zero, passed < least, !space.isActing(on: LogFinder.split(path).directory) else { return nil }
    return least - passed
  }

  /// The rotation of a log is about to be undone: its size is no reason to rotate it meanwhile.
  func beginUndo(of path: FilePath) {
    let end = loop.now().advanced(by: Limits.undoRest(times: 0))
    undone[path] = (undone[path]?.times ?? 0, max(end, undone[path]?.until ?? end))
  }

  /// The rotation of a log was undone. The same would happen again, so it is not rotated for a while, longer each time.
  func endUndo(of path: FilePath) {
    let now = loop.now()
    var times = 0
    // What was stuck long ago has nothing to do with this.
    if let last = undone[path], now < last.until.advanced(by: Limits.undoRest(times: .max)) { times = last.times }
    undone[path] = (times + 1, now.advanced(by: Limits.undoRest(times: times)))
  }
}
