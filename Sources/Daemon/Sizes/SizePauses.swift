internal import EventLoop
internal import Rotation
internal import Timekeeping

/// When a log may be rotated for its size again: after its `min-interval`, and some time after a rotation was undone.
final class SizePauses {
  private let loop: LoopExecutor
  private let state: StateStore
  private let space: SpaceWatch
  /// Logs whose rotation was undone: until when they are not rotated for their size.
  private var undone: [FilePath: Backoff] = [:]

  init(_ loop: LoopExecutor, _ state: StateStore, _ space: SpaceWatch) {
    self.loop = loop
    self.state = state
    self.space = space
  }

  /// How long a log has to wait until it may be rotated by size again; nil when it need not. Where archives go before their
  /// time, since too little is free, none waits for its `min-interval`.
  func pause(of path: FilePath, _ limit: SizeLimit) -> Span? {
    let now = loop.now()
    if let until = undone[path]?.wait(at: now) { return until - now }
    guard let least = limit.minInterval, let known = state.log(path), let rotated = known.rotated,
      !state.isHalfDone(path)
    else { return nil }
    let passed = loop.wallClock() - rotated
    // A rotation that lies ahead was told by a clock that was wrong.
    guard passed >= .zero, passed < least, !space.isActing(on: LogFinder.split(path).directory) else { return nil }
    return least - passed
  }

  /// The rotation of a log is about to be undone: its size is no reason to rotate it meanwhile.
  func beginUndo(of path: FilePath) {
    let end = loop.now().advanced(by: Limits.undoDelays.first)
    undone[path, default: Backoff()].hold(until: max(end, undone[path]?.next ?? end))
  }

  /// The rotation of a log was undone. The same would happen again, so it is not rotated for a while, longer each time.
  func endUndo(of path: FilePath) {
    let now = loop.now()
    // What was stuck long ago has nothing to do with this.
    if let last = undone[path]?.next, now >= last.advanced(by: Limits.undoDelays.longest) { undone[path] = nil }
    undone[path, default: Backoff()].postpone(Limits.undoDelays, from: now)
  }
}
