internal import Control
internal import EventLoop
internal import Rotation
internal import Timekeeping

// Metrics by the names that Prometheus has for them: one reply for the program, and one for each job.

extension Operators {
  func metrics(withLogs: Bool, _ replies: Replies) async throws(VarlinkError) {
    try await replies.add { $0.samples = self.ofProgram() }
    let all = Selection(runtimes: supervisor.registry.runtimes)
    for asked in all.runtimes {
      guard let runtime = try current(asked, of: all) else { continue }
      let sums = try await census(of: runtime)
      guard let runtime = try current(runtime, of: all) else { continue }
      try await replies.add { $0.samples = self.samples(of: runtime, sums) }
      guard withLogs else { continue }
      try await visit(runtime) { view throws(VarlinkError) in
        let labels: KeyValuePairs = ["log": view.path.printable]
        try await replies.add { reply in
          reply.samples = [
            Wire.Sample(.archives, Int64(view.archives.count), job: runtime.name, labels: labels),
            Wire.Sample(.archiveBytes, view.archiveBytes, job: runtime.name, labels: labels),
          ]
        }
      }
    }
  }

  private func ofProgram() -> [Wire.Sample] {
    supervisor.settleConfigProblem()
    return [
      Wire.Sample(.buildInfo, 1, labels: ["version": ProgramVersion.number]),
      Wire.Sample(.configInfo, 1, labels: ["sha256": supervisor.configDigest]),
      Wire.Sample(.lastReload, Self.microseconds(supervisor.configLoaded)),
      Wire.Sample(.configRejected, platform.problems.has(Problems.Topic(.config)) ? 1 : 0),
      Wire.Sample(.loopLag, platform.loop.longestPass / 1000),
    ]
  }

  private func samples(of runtime: JobRuntime, _ sums: Census) -> [Wire.Sample] {
    let job = runtime.name
    var samples = [
      Wire.Sample(.archives, sums.archives, job: job), Wire.Sample(.archiveBytes, sums.archiveBytes, job: job),
      Wire.Sample(.held, sums.held, job: job, labels: ["by": "writer"]),
    ]
    if let budget = runtime.job.policy.maxTotal { samples.append(Wire.Sample(.budget, budget, job: job)) }
    if let next = next(runtime, reached: nil)?.at {
      samples.append(Wire.Sample(.nextDue, Self.microseconds(next), job: job))
    }
    guard let counts = supervisor.activity[job] else { return samples }
    if let time = counts.lastSuccess {
      samples.append(Wire.Sample(.lastSuccess, Self.microseconds(time), job: job))
    }
    samples += counts.rotations.sorted { $0.key < $1.key }.map {
      Wire.Sample(.rotations, $0.value, job: job, labels: ["reason": $0.key])
    }
    let failures = counts.failures.sorted { ($0.key.step, $0.key.errno.code) < ($1.key.step, $1.key.errno.code) }
    samples += failures.map {
      Wire.Sample(.failures, $0.value, job: job, labels: ["step": $0.key.step, "errno": $0.key.errno.symbol])
    }
    for (reason, removed) in counts.removed.sorted(by: { $0.key < $1.key }) {
      samples.append(Wire.Sample(.removedFiles, removed.files, job: job, labels: ["reason": reason]))
      samples.append(Wire.Sample(.removedBytes, removed.bytes, job: job, labels: ["reason": reason]))
    }
    samples.append(Wire.Sample(.rotatedBytes, counts.rotatedBytes, job: job))
    samples.append(Wire.Sample(.compressedIn, counts.compressed.read, job: job))
    samples.append(Wire.Sample(.compressedOut, counts.compressed.written, job: job))
    samples.append(Wire.Sample(.overshoot, counts.overshoot, job: job))
    samples.append(Wire.Sample(.late, counts.late.nanoseconds / 1000, job: job))
    return samples
  }

  private static func microseconds(_ time: WallTime) -> Int64 { time.nanoseconds / 1000 }
}
