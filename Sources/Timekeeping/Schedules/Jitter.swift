/// Spreads the work that many machines or many jobs have due at the same time.
package enum Jitter {
  /// The delay of one job on one machine: always the same for the same names, and over all names uniform from 0 up to
  /// but not including the jitter, in whole milliseconds.
  ///
  /// The algorithm is fixed, so that an update of rotated does not change the delay of a job: FNV-1a, 64 bits, of the
  /// machine's id, a NUL and the job's name, mixed by the finisher of SplitMix64, as a fraction of the jitter.
  package static func share(of jitter: Span, machine: String, job: String) -> Span {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for part in [Array(machine.utf8), [0], Array(job.utf8)] {
      for byte in part { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
    }
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    hash ^= hash >> 31
    let milliseconds = UInt64(max(jitter.nanoseconds, 0) / 1_000_000)
    return .milliseconds(Int64(hash.multipliedFullWidth(by: milliseconds).high))
  }
}
