internal import Rotation
package import Timekeeping

/// Lines for a terminal, made from the values of the daemon.
package struct Screen {
  package let style: TerminalStyle
  let zone: Zone
  let now: WallTime
  /// Whether tables have titles.
  let legend: Bool
  /// The lines so far.
  package internal(set) var lines: [String] = []

  package init(_ style: TerminalStyle, zone: Zone, now: WallTime, legend: Bool = true) {
    (self.style, self.zone, self.now, self.legend) = (style, zone, now, legend)
  }

  /// Adds a text, in as many lines as it takes; all but the first are indented deeper.
  mutating func add(_ text: String, _ paint: Paint = .plain, indent: Int = 0) {
    let blanks = String(repeating: " ", count: indent)
    for (number, line) in style.clean(text).wrapped(to: max(20, style.width - indent - 2)).enumerated() {
      lines.append(blanks + (number == 0 ? "" : "  ") + style.paint(line, paint))
    }
  }

  /// Adds a table, with an empty line before it.
  mutating func add(_ table: Table, heading: String? = nil) {
    let added = table.lines(style, legend: legend, indent: heading == nil ? 0 : 2)
    guard !added.isEmpty else { return }
    if !lines.isEmpty { lines.append("") }
    if let heading { lines.append(style.paint(heading, .bold)) }
    lines += added
  }

  /// Adds an empty line between parts.
  mutating func space() { if !lines.isEmpty { lines.append("") } }

  func cell(_ text: String?, _ paint: Paint = .plain) -> Cell { Cell(text.map(style.clean) ?? "", paint) }

  /// `2h 5min ago`, `in 3min 12s`, `now`: two units or so of what is near.
  func distance(_ time: WallTime) -> String {
    let span = time - now
    let length = Self.span(span)
    return length == "0" ? "now" : span < .zero ? "\(length) ago" : "in \(length)"
  }

  /// The length without its sign, coarser the longer it is.
  static func span(_ span: Span) -> String {
    let seconds = Int64(clamping: span.nanoseconds.magnitude / 1_000_000_000)
    let accuracy: Int64 = seconds < 3600 ? 1 : seconds < 86_400 ? 60 : seconds < 7 * 86_400 ? 3600 : 86_400
    return TimeSpan.describe(.seconds(seconds), accuracy: .seconds(accuracy))
  }

  /// `Mon 2026-11-23 22:30:00 CET`.
  func date(_ time: WallTime) -> String {
    let local = zone.localTime(at: time)
    let date = "\(local.year)-" + [local.month, local.day].map { InternetTime.padded($0, 2) }.joined(separator: "-")
    let clock = [local.hour, local.minute, local.second].map { InternetTime.padded($0, 2) }.joined(separator: ":")
    return "\(local.weekday.abbreviation) \(date) \(clock) \(zone.abbreviation(at: time))"
  }

  /// A bar and `450M/1G`; a size alone where there is no limit.
  func size(_ bytes: Int64?, of limit: Int64?) -> Cell {
    guard let bytes else { return Cell("") }
    guard let limit else { return Cell(ByteSize.describe(bytes)) }
    let paint: Paint = bytes >= limit ? .red : bytes / 4 >= limit / 5 ? .yellow : .green
    let text = "\(ByteSize.describe(bytes))/\(ByteSize.describe(limit))"
    return Cell("\(style.bar(bytes, of: limit, columns: 8)) \(text)", paint)
  }

  /// `nginx(812), vector(77) +2`; one that reads and writes is there once.
  func holders(_ holders: [Wire.Holder]) -> String {
    var names: [String] = []
    for holder in holders {
      let command = holder.command ?? holder.role.rawValue
      let name = holder.pid.map { "\(command)(\($0))" } ?? command
      if !names.contains(name) { names.append(name) }
    }
    return names.prefix(2).joined(separator: ", ") + (names.count > 2 ? " +\(names.count - 2)" : "")
  }

  /// `1 job`, `2 jobs`.
  func count(_ number: Int64, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
