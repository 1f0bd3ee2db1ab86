import Glibc

/// A thread that repeats something as fast as it can, until it is stopped.
final class Attacker {
  private final class Work {
    let body: () -> Void
    private var mutex = pthread_mutex_t()
    private var isOver = false
    var rounds = 0

    init(_ body: @escaping () -> Void) {
      self.body = body
      pthread_mutex_init(&mutex, nil)
    }

    /// Whether it was stopped; `now` stops it.
    func over(_ now: Bool = false) -> Bool {
      pthread_mutex_lock(&mutex)
      defer { pthread_mutex_unlock(&mutex) }
      isOver = isOver || now
      return isOver
    }
  }

  private let work: Work
  private var thread = pthread_t()

  init(_ body: @escaping () -> Void) {
    work = Work(body)
    let code = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        let work = Unmanaged<Work>.fromOpaque(pointer).takeUnretainedValue()
        while !work.over() {
          work.body()
          work.rounds += 1
        }
        return nil
      }, Unmanaged.passUnretained(work).toOpaque())
    precondition(code == 0, "No thread could be started.")
  }

  deinit { stop() }

  /// Ends it; returns how often it has done it.
  @discardableResult
  func stop() -> Int {
    if !work.over() {
      _ = work.over(true)
      pthread_join(thread, nil)
    }
    return work.rounds
  }
}
