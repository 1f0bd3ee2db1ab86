internal import Rotation
package import Timekeeping

/// What jobs will occupy, as a page of SVG that needs nothing else: `rotatectl forecast --svg`. The areas of the jobs lie on each
/// other, so that the upper edge is what all of them take.
package struct ForecastPage {
  /// One for each job that has an area of its own; the last is that of all others.
  private static let colours = [
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#ee7733", "#bbbbbb",
  ]
  /// In pixels: the plot, and what lies around it.
  private static let (left, top, width, height) = (90, 60, 860, 320)
  private static let line = 22

  /// A job, or the smaller ones together: bytes now, and after each day.
  private struct Series {
    var name: String
    var growth: Int64
    var values: [Int64]

    mutating func add(_ other: Series) {
      growth = growth.saturatingAdd(other.growth)
      for index in values.indices { values[index] = values[index].saturatingAdd(other.values[index]) }
    }
  }

  private let series: [Series]
  /// What all of them take at most.
  private let greatest: Double
  private let findings: [Wire.Finding]
  private let zone: Zone
  private let now: WallTime
  private var days: Int { max(1, (series.first?.values.count ?? 1) - 1) }

  /// The page of the values that the screen shows, too. Times are those of `zone`.
  package init(_ jobs: [Wire.JobForecast], _ findings: [Wire.Finding], zone: Zone, now: WallTime) {
    (self.findings, self.zone, self.now) = (findings, zone, now)
    var all = jobs.map { Series(name: $0.name, growth: $0.growthBytes, values: [$0.bytes] + $0.days) }
    if all.count > Self.colours.count {
      let sizes = all.map { $0.values.max() ?? 0 }.sorted(by: >)
      let least = sizes[Self.colours.count - 2]
      let large = all.filter { ($0.values.max() ?? 0) >= least }.prefix(Self.colours.count - 1)
      let names = Set(large.map(\.name))
      let small = all.filter { !names.contains($0.name) }
      var others = Series(name: "\(small.count) other jobs", growth: 0, values: small[0].values.map { _ in 0 })
      small.forEach { others.add($0) }
      all = large + [others]
    }
    series = all
    let most = (0..<(all.first?.values.count ?? 0)).map { day in
      all.reduce(0.0) { $0 + Double(max(0, $1.values.indices.contains(day) ? $1.values[day] : 0)) }
    }
    greatest = max(1, most.max() ?? 1)
  }

  /// The page, which ends in a newline.
  package var text: String {
    let rows = Self.top + Self.height + 70 + Self.line * series.count
    let height = rows + Self.line * (findings.count + 1)
    let body = [head, grid, areas, legend(from: rows - Self.line * series.count), notes(from: rows + 10)]
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 \(height)" width="1000" height="\(height)">
      <style>
      text { font: 14px sans-serif; fill: #222 } .h { font-weight: bold; font-size: 18px } .r { text-anchor: end }
      .m { text-anchor: middle } .g { stroke: #ccc } .p { fill: #fff }
      @media (prefers-color-scheme: dark) { text { fill: #ddd } .g { stroke: #444 } .p { fill: #181818 } }
      </style>
      <rect class="p" width="100%" height="100%"/>
      \(body.flatMap { $0 }.joined(separator: "\n"))
      </svg>

      """
  }

  private var head: [String] {
    let jobs = series.count == 1 ? series[0].name : "All jobs"
    let title = "\(jobs): what logs and archives will occupy from \(date(now)) on, for \(days) days"
    return [Self.text(title, Self.left, 32, "h")]
  }

  /// Lines at round sizes, and the days below.
  private var grid: [String] {
    let step = step
    var lines: [String] = []
    for number in 0...Int(greatest / step) {
      let bytes = Double(number) * step
      let label = ByteSize.describe(Int64(min(bytes, 9e18)))
      lines.append(
        "<line class=\"g\" x1=\"\(Self.left)\" x2=\"\(Self.left + Self.width)\" y1=\"\(y(bytes))\" y2=\"\(y(bytes))\"/>"
      )
      lines.append(Self.text(label, Self.left - 8, y(bytes) + 5, "r"))
    }
    var known: Set<Int> = []
    for day in [0, days / 4, days / 2, days * 3 / 4, days] where known.insert(day).inserted {
      let label = date(now + .seconds(86_400) * Int64(day))
      lines.append(Self.text(label, x(day), Self.top + Self.height + 24, "m"))
    }
    return lines
  }

  private var areas: [String] {
    guard let first = series.first else { return [] }
    var below = first.values.map { _ in 0.0 }
    return series.enumerated().map { index, series in
      let above = zip(below, series.values).map { $0 + Double(max(0, $1)) }
      let edge = above.enumerated().map { "\(x($0.offset)),\(y($0.element))" }
      let base = below.enumerated().reversed().map { "\(x($0.offset)),\(y($0.element))" }
      below = above
      let title = "<title>\(Self.escaped(series.name))</title>"
      return
        "<polygon fill=\"\(Self.colours[index])\" points=\"\((edge + base).joined(separator: " "))\">\(title)</polygon>"
    }
  }

  private func legend(from top: Int) -> [String] {
    series.enumerated().flatMap { index, series in
      let y = top + Self.line * index
      let sizes = [series.values.first ?? 0, series.values.last ?? 0].map(ByteSize.describe)
      let text =
        "\(series.name): \(sizes[0]) now, \(sizes[1]) in \(days) days, grows by \(ByteSize.describe(series.growth)) a day"
      return [
        "<rect x=\"\(Self.left)\" y=\"\(y - 12)\" width=\"14\" height=\"14\" fill=\"\(Self.colours[index])\"/>",
        Self.text(text, Self.left + 24, y),
      ]
    }
  }

  private func notes(from top: Int) -> [String] {
    findings.enumerated().map { index, finding in
      let subject = [finding.job, finding.path?.printable].compactMap(\.self).joined(separator: ", ")
      let head = subject.isEmpty ? "" : "\(subject): "
      return Self.text("\(finding.severity.rawValue): \(head)\(finding.message)", Self.left, top + Self.line * index)
    }
  }

  // MARK: Places

  /// A round number of bytes of which three to six make up the height.
  private var step: Double {
    var unit = 1.0
    while unit * 1024 <= greatest { unit *= 1024 }
    let rounds = [1, 2, 5, 10, 20, 50, 100, 200, 500].map { unit * $0 }
    return rounds.first { greatest / $0 <= 6 } ?? unit * 1024
  }

  private func x(_ day: Int) -> Int { Self.left + day * Self.width / days }

  private func y(_ bytes: Double) -> Int { Self.top + Self.height - Int(bytes / greatest * Double(Self.height)) }

  private func date(_ time: WallTime) -> String {
    let local = zone.localTime(at: time)
    return "\(local.year)-\(InternetTime.padded(local.month, 2))-\(InternetTime.padded(local.day, 2))"
  }

  private static func text(_ text: String, _ x: Int, _ y: Int, _ style: String? = nil) -> String {
    "<text\(style.map { " class=\"\($0)\"" } ?? "") x=\"\(x)\" y=\"\(y)\">\(escaped(text))</text>"
  }

  /// Text of others between tags: neither markup nor characters that XML does not have.
  private static func escaped(_ text: String) -> String {
    text.printable.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      default: String(character)
      }
    }.joined()
  }
}
