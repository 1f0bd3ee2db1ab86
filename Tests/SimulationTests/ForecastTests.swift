import Config
import Control
import Daemon
import Rotation
import Simulation
import Testing
import Timekeeping

@Suite("The forecast")
struct ForecastTests {
  private static let day: Int64 = 86_400 * Rig.second

  /// A log that has grown by 1,000 bytes a day for five days, and is rotated each day.
  private func rig(keep: Int, _ change: (inout Job) -> Void = { _ in }) -> Rig {
    var job = Rig.job("app", every: 86_400, keep: keep)
    change(&job)
    return Rig([job])
  }

  private func plant(_ rig: Rig, archives: Int, suffix: String = "", bytes: Int = 1000) {
    for number in 1...archives {
      rig.disk.plant(
        .regular, at: "/logs/app.log.\(number)\(suffix)", content: String(repeating: "x", count: bytes),
        age: Int64(number - 1) * Self.day)
    }
    rig.disk.plant(.regular, at: "/logs/app.log")
  }

  private func forecast(_ rig: Rig, days: Int) throws -> (job: Wire.JobForecast, findings: [Wire.Finding]) {
    let dryRun = DryRun(fileSystem: rig.disk, configuration: rig.configuration)
    let (forecast, failures) = dryRun.forecast(
      days: days, jobs: [], logs: [], now: rig.driver.wallClock(), zone: .utc)
    #expect(failures.isEmpty)
    return (try #require(forecast.jobs.first), forecast.findings)
  }

  @Test("a log that grows steadily takes what its archives hold, up to `keep` of them")
  func steady() throws {
    let rig = rig(keep: 8)
    plant(rig, archives: 3)
    let (job, findings) = try forecast(rig, days: 12)
    #expect(findings == [])
    #expect((990...1010).contains(job.growthBytes), "\(job.growthBytes)")
    let expected = (1...12).map { Int64(min(8, 3 + $0)) * 1000 }
    for (day, bytes) in zip(job.days, expected) { #expect(abs(day - bytes) <= bytes / 10 + 10, "\(job.days)") }
  }

  @Test("a file that is copied takes its own size, and that of each copy")
  func copied() throws {
    let rig = rig(keep: 3) { $0.policy.rules.method = .copy }
    rig.disk.plant(.regular, at: "/logs/app.log", content: String(repeating: "x", count: 1000))
    let (job, findings) = try forecast(rig, days: 5)
    #expect(findings == [] && job.growthBytes == 0)
    #expect(job.days == [2000, 3000, 4000, 4000, 4000])
  }

  @Test("`max-total` and `max-age` remove archives, and the first is a warning with its day")
  func bounds() throws {
    let total = rig(keep: 50) { $0.policy.rules.maxTotal = 6500 }
    plant(total, archives: 3)
    let (job, findings) = try forecast(total, days: 12)
    #expect(job.days.allSatisfy { $0 <= 6500 } && (job.days.last ?? 0) > 5000, "\(job.days)")
    #expect(findings.map(\.severity) == [.warning])
    #expect(findings.first?.message.contains("`max-total` of 6.3K") == true, "\(findings)")
    #expect(findings.first?.message.contains("within 4 days") == true, "\(findings)")
    let aged = rig(keep: 50) { $0.policy.rules.maxAge = .seconds(4 * 86_400) }
    plant(aged, archives: 3)
    let old = try forecast(aged, days: 12)
    #expect(old.findings == [])
    #expect(old.job.days.suffix(5).allSatisfy { (3500...5100).contains($0) }, "\(old.job.days)")
  }

  @Test("by size, a log of 1,000 bytes a day is rotated each five days")
  func bySize() throws {
    let rig = rig(keep: 2) { job in
      job.schedule = nil
      job.sizeLimit = SizeLimit(bytes: 5000, check: nil)
    }
    plant(rig, archives: 2)
    let (job, _) = try forecast(rig, days: 40)
    // Two archives of 5,000 bytes, and the live log on its way.
    #expect(job.days.suffix(10).allSatisfy { (9900...15_100).contains($0) }, "\(job.days)")
  }

  @Test("compressed archives count by what they take, and the ratio is measured where both are there")
  func compressed() throws {
    let rig = rig(keep: 10) { $0.policy.rules.compression = Compression(command: ["gzip"], suffix: ".gz") }
    plant(rig, archives: 4, suffix: ".gz", bytes: 200)
    let guess = try forecast(rig, days: 12)
    #expect(!guess.job.isRatioMeasured)
    #expect((1900...2100).contains(guess.job.growthBytes), "\(guess.job.growthBytes)")
    #expect((1900...2100).contains(guess.job.days.last ?? 0), "\(guess.job.days)")
  }

  @Test("after a week of steady growth it is within a tenth of what the daemon then leaves on disk, for each day")
  func truth() throws {
    var jobs = ["daily", "sized", "total", "aged"].map { Rig.job($0, every: 86_400, keep: 12) }
    (jobs[1].schedule, jobs[1].sizeLimit) = (nil, SizeLimit(bytes: 30_000, check: .seconds(600)))
    jobs[2].policy.rules.maxTotal = 150_000
    jobs[3].policy.rules.maxAge = .seconds(9 * 86_400)
    let rig = Rig(jobs)
    func grow(hours: Int64) {
      for hour in 1..<hours {
        rig.at(hour * 3600) {
          for job in jobs { rig.fill("\(job.name).log", String(repeating: "x", count: 999) + "\n") }
        }
      }
    }
    // Half a day later than a rotation: what is on disk at the moment of one depends on who comes first.
    try rig.live(seconds: 7 * 86_400 + 43_200) { _ in grow(hours: 7 * 24 + 12) }
    let state = StateStore(fileSystem: rig.disk, directory: try rig.disk.openDirectory("/state"))
    _ = state.load()
    let dryRun = DryRun(fileSystem: rig.disk, configuration: rig.configuration, state: state)
    let forecast = dryRun.forecast(days: 20, jobs: [], logs: [], now: rig.driver.wallClock(), zone: .utc).forecast.jobs
    var truth: [String: [Int64]] = [:]
    try rig.live(seconds: 20 * 86_400 + 10) { _ in
      grow(hours: 20 * 24)
      for day in 1...20 {
        rig.at(Int64(day) * 86_400) {
          for job in jobs {
            let files = rig.names.filter { $0.printable.hasPrefix(job.name) }
            truth[job.name, default: []].append(files.reduce(0) { $0 + Int64(rig.content($1)?.utf8.count ?? 0) })
          }
        }
      }
    }
    for job in forecast {
      let days = try #require(truth[job.name])
      #expect(days.count == 20 && job.unmeasured == 0)
      for (said, real) in zip(job.days, days) {
        #expect(abs(said - real) * 10 <= real, "\(job.name): \(job.days), \(days)")
      }
    }
  }

  @Test("a log without a past does not grow, and is counted")
  func unmeasured() throws {
    let rig = rig(keep: 3)
    rig.disk.plant(.regular, at: "/logs/app.log", content: "x\n")
    let (job, _) = try forecast(rig, days: 3)
    #expect(job.unmeasured == 1 && job.growthBytes == 0)
    #expect(job.days.allSatisfy { $0 == 2 }, "\(job.days)")
  }

  @Test("a file system that will be full is an error, `keep-free` a warning, each with its day")
  func room() throws {
    let rig = rig(keep: 100)
    plant(rig, archives: 3)
    rig.disk.capacity = 20_000
    rig.configuration.daemon.keepFree = .bytes(10_000)
    let (_, findings) = try forecast(rig, days: 30)
    #expect(findings.map(\.severity) == [.error, .warning])
    #expect(findings.allSatisfy { $0.path == "/logs" })
  }

  @Test("the rate is what all files say together, and extreme numbers do no harm")
  func rates() throws {
    typealias Sample = GrowthRate.Sample
    #expect(GrowthRate([]) == nil)
    #expect(GrowthRate([Sample(bytes: 5, seconds: 2, isCompressed: false)]) == nil)
    let both = try #require(
      GrowthRate([
        Sample(bytes: 3600, seconds: 3600, isCompressed: false), Sample(bytes: 720, seconds: 3600, isCompressed: true),
      ]))
    #expect(abs(both.bytesPerSecond - 1) < 0.001 && abs(both.ratio - 0.2) < 0.001 && both.isRatioMeasured)
    let end = WallTime(nanoseconds: .max)
    let samples = GrowthRate.samples(
      live: .max, begun: WallTime(nanoseconds: .min),
      archives: [(.max, end, true), (.min, WallTime(nanoseconds: .min), false)], now: end)
    #expect(samples.count <= 2)
    _ = GrowthRate(samples)
    let rig = rig(keep: 3)
    rig.disk.plant(.regular, at: "/logs/app.log", content: "x", age: -Self.day * 1000)
    rig.disk.plant(.regular, at: "/logs/app.log.1", content: "x", age: -Self.day * 1000)
    #expect(try forecast(rig, days: 3).job.days.count == 3)
  }
}
