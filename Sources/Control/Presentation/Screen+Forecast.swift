internal import Rotation
internal import Timekeeping

extension Screen {
  /// What jobs will occupy, as a table with a plot of each, and a plot of all: `rotatectl forecast`.
  package mutating func forecast(_ jobs: [Wire.JobForecast], _ findings: [Wire.Finding]) {
    let days = jobs.map(\.days.count).max() ?? 0
    var table = Table()
    table.column("JOB", .text(to: 12))
    table.column("LOGS", .goes(3), isRight: true)
    table.column("GROWTH", .goes(2), isRight: true)
    table.column("NOW", isRight: true)
    let marks = [1, 7, days].filter { $0 <= days }.reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
    for mark in marks { table.column("+\(mark)D", isRight: true) }
    table.column("MAX-TOTAL", .goes(1), isRight: true)
    table.column("UNTIL +\(days)D", .goes(4))
    let width = max(8, min(30, style.width / 4))
    for job in jobs {
      let cells = [
        cell(job.name), cell("\(job.logs)"), cell("\(ByteSize.describe(job.growthBytes))/d"),
        cell(ByteSize.describe(job.bytes)),
      ]
      let future = marks.map { cell(ByteSize.describe(job.days[$0 - 1])) }
      let limit = cell(job.limitBytes.map(ByteSize.describe))
      table.row(cells + future + [limit, Cell(line(of: [job.bytes] + job.days, columns: width))])
    }
    add(table)
    plot(jobs, days)
    let unmeasured = jobs.reduce(0) { $0 + $1.unmeasured }
    if unmeasured > 0 {
      space()
      add(
        "\(count(unmeasured, "log")) cannot be measured yet, and \(unmeasured == 1 ? "is" : "are") taken not to grow.",
        .dim)
    }
    if jobs.contains(where: { !$0.isRatioMeasured }) {
      add("Where no compressed archive could be measured, a tenth of the log is assumed.", .dim)
    }
    guard !findings.isEmpty else { return }
    space()
    for finding in findings { add(finding) }
  }

  /// Values as one line, each as high as its share of the greatest.
  private func line(of values: [Int64], columns: Int) -> String {
    let levels = style.isUnicode ? Array("▁▂▃▄▅▆▇█") : Array("_.-=+*#@")
    let most = max(1, values.max() ?? 1)
    return String(
      Self.spread(values, columns).map { value in
        levels[min(levels.count - 1, Int(Double(value) / Double(most) * Double(levels.count - 1) + 0.5))]
      })
  }

  /// All jobs together, on eight lines.
  private mutating func plot(_ jobs: [Wire.JobForecast], _ days: Int) {
    guard legend, days > 1, jobs.count > 0 else { return }
    let now = jobs.reduce(Int64(0)) { $0.saturatingAdd($1.bytes) }
    let values = [now] + (0..<days).map { day in jobs.reduce(Int64(0)) { $0.saturatingAdd($1.days[day]) } }
    let most = max(1, values.max() ?? 1)
    let (height, columns) = (8, min(style.width - 12, max(20, min(values.count * 2, 60))))
    let parts = style.isUnicode ? Array("▁▂▃▄▅▆▇█") : []
    space()
    lines.append(style.paint("All jobs", .bold))
    for row in stride(from: height - 1, through: 0, by: -1) {
      let bars = Self.spread(values, columns).map { value -> Character in
        let filled = Double(value) / Double(most) * Double(height) - Double(row)
        if filled >= 1 { return parts.last ?? "#" }
        if filled <= 0 { return " " }
        return parts.isEmpty ? (filled >= 0.5 ? "#" : " ") : parts[min(7, Int(filled * 8))]
      }
      let label = row == height - 1 ? ByteSize.describe(most) : row == 0 ? "0" : ""
      let margin = String(repeating: " ", count: max(0, 8 - label.count)) + label
      var text = "\(margin) |" + String(bars)
      while text.last == " " { text.removeLast() }
      lines.append(text)
    }
    let end = "in \(days) days"
    lines.append(
      String(repeating: " ", count: 10) + "now" + String(repeating: " ", count: max(1, columns - 3 - end.count)) + end)
  }

  /// Values on another number of columns: the greatest of those that share one.
  private static func spread(_ values: [Int64], _ columns: Int) -> [Int64] {
    (0..<columns).map { column in
      let first = column * values.count / columns
      let last = max(first, ((column + 1) * values.count - 1) / columns)
      return values[first...min(last, values.count - 1)].max() ?? 0
    }
  }
}
