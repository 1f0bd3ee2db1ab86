// Built beside the pure sources, which are modules (see `make fuzz`).

internal import Config
internal import Rotation
internal import Timekeeping

/// What libFuzzer calls with each input: a file in logrotate's language, which may include itself. A trap is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLogrotate(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let files = LogrotateFiles(home: "/root") { path in
    switch path {
    case "/c", "/d/c": .file(bytes)
    case "/d": .directory(["c"])
    default: .refused("cannot be read")
    }
  }
  let system = SystemFacts(
    accounts: Accounts(user: { $0 == "root" ? 0 : nil }, group: { $0 == "root" ? 0 : nil }), zones: { _ in nil },
    machine: "5a1e", programs: { _ in true })
  let result = ConfigReader.read(logrotate: "/c", system: system, files: files)
  for finding in result.diagnostics {
    precondition(finding.line >= 1 && finding.column >= 1, "a finding has no place")
    precondition(!finding.message.isEmpty, "a finding says nothing")
    precondition(finding.message.utf8.allSatisfy { $0 >= 0x20 }, "a finding has control characters")
  }
  let jobs = result.configuration?.jobs ?? []
  precondition(Set(jobs.map(\.name)).count == jobs.count, "two jobs have one name")
  for job in jobs {
    precondition(!job.logs.isEmpty && job.logs.allSatisfy { $0.text.isAbsolute }, "a job has no logs")
    precondition(job.schedule != nil || job.sizeLimit != nil, "a job is never due")
    precondition(job.policy.keep >= 0, "a job keeps less than nothing")
    precondition(job.sizeLimit.map { $0.bytes > 0 } ?? true, "a job has a size of nothing")
  }
  _ = ConfigFormat.of(bytes)
  return 0
}
