/// The present moment, read from both clocks.
package struct Now: Hashable, Sendable {
  package var monotonic: MonotonicTime
  package var wall: WallTime

  package init(monotonic: MonotonicTime, wall: WallTime) {
    self.monotonic = monotonic
    self.wall = wall
  }
}
