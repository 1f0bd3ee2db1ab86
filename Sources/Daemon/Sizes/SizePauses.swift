internal import EventLoop
internal import Rotation
internal import Timekeeping

/// When a log may be rotated for its size again: after its `min-interval`, and some time after an undone rotation.
final class SizePauses {
  private let loop: LoopExecutor
  private let state: StateStore
  private let space: SpaceWatch
  /// Logs whose rotation was undone, each with the time until which its size is no reason to rotate it.
  private var undone: [FilePath: Backoff] = [:]

  init(_ loop: LoopExecutor, _ state: StateStore, _ space: SpaceWatch) {
    self.loop = loop
    self.state = state
    self.space = space
  }

  /// How long a log has to wait until it may be rotated for its size again; nil if it need not wait. While space is low
  /// and archives of its directory are removed early, `min-interval` does not delay a rotation, unless that only copies the log and
  /// frees nothing.
  func pause(of path: FilePath, _ limit: SizeLimit, _ method: Method) -> Span? {
    if undone.isEmpty, limit.minInterval == nil { return nil }
    let now = loop.now()
    if let until = undone[path]?.wait(at: now) { return until - now }
    guard let least = limit.minInterval, let known = state.log(path), let rotated = known.rotated,
      !state.isHalfDone(path)
    else { return nil }
    let passed = loop.wallClock() - rotated
    // A clock that was wrong has recorded a rotation in the future: it delays nothing.
    guard passed >= .zero, passed < least else { return nil }
    return method != .copy && space.isActing(on: LogFinder.split(path).directory) ? nil : least - passed
  }

  /// The rotation of a log is about to be undone: until that has ended, its size is no reason to rotate it.
  func beginUndo(of path: FilePath) {
    let end = loop.now().advanced(by: Limits.undoDelays.first)
    undone[path, default: Backoff()].hold(until: max(end, undone[path]?.next ?? end))
  }

  /// The rotation of a log was undone. A new one would be undone too, so the log waits, longer after each undo.
  func endUndo(of path: FilePath) {
    let now = loop.now()
    // An undo of long ago does not lengthen the pause.
    if let last = undone[path]?.next, now >= last.advanced(by: Limits.undoDelays.longest) { undone[path] = nil }
    undone[path, default: Backoff()].postpone(Limits.undoDelays, from: now)
  }
}
