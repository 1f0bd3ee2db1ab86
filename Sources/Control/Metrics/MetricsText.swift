/// Samples in the text format of Prometheus (0.0.4, without timestamps) or of OpenMetrics (1.0).
///
/// All samples of one metric stand together, whatever order they came in. The text is made piece by piece.
package struct MetricsText {
  /// Which of the two formats.
  package enum Format: Sendable {
    /// What node_exporter's textfile collector takes.
    case prometheus
    case openMetrics
  }

  private let format: Format
  private let groups: [(metric: Metric, samples: [Wire.Sample])]
  private var group = 0
  /// How many samples of the group are written.
  private var position = 0

  /// The text of these samples; metrics that are not known here are left out.
  package init(_ samples: some Sequence<Wire.Sample>, format: Format) {
    let byName = Dictionary(grouping: samples, by: \.metric)
    self.format = format
    groups = Metric.all.compactMap { metric in byName[metric.name].map { (metric, $0) } }
  }

  /// The next lines, of at most so many samples; nil at the end.
  package mutating func next(samples most: Int) -> String? {
    guard group < groups.count else {
      guard format == .openMetrics, group == groups.count else { return nil }
      group += 1
      return "# EOF\n"
    }
    let (metric, samples) = groups[group]
    var text = position == 0 ? head(metric) : ""
    let end = min(samples.count, position + max(1, most))
    for sample in samples[position..<end] {
      let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
      text += "\(metric.name)\(labels.isEmpty ? "" : "{\(labels)}") \(value(sample.value, of: metric))\n"
    }
    position = end == samples.count ? 0 : end
    if position == 0 { group += 1 }
    return text
  }

  private func head(_ metric: Metric) -> String {
    let name = metric.name
    let kind = name.hasSuffix("_total") ? "counter" : name.hasSuffix("_info") ? "info" : "gauge"
    let help = Self.escaped(metric.help, quotes: false)
    guard format == .openMetrics else {
      return "# HELP \(name) \(help)\n# TYPE \(name) \(kind == "info" ? "gauge" : kind)\n"
    }
    // There a suffix belongs to the sample, and a unit to the name.
    let suffix = kind == "counter" ? 6 : kind == "info" ? 5 : 0
    let family = String(name.dropLast(suffix))
    let unit = ["bytes", "seconds", "ratio"].first { family.hasSuffix("_" + $0) }
    return "# TYPE \(family) \(kind)\n" + (unit.map { "# UNIT \(family) \($0)\n" } ?? "") + "# HELP \(family) \(help)\n"
  }

  /// The number in the metric's unit.
  private func value(_ value: Int64, of metric: Metric) -> String {
    let parts = metric.name.split(separator: "_")
    let digits = parts.contains("seconds") ? 6 : parts.contains("ratio") ? 3 : 0
    guard digits > 0 else { return "\(value)" }
    let unit: UInt64 = digits == 6 ? 1_000_000 : 1000
    let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: unit)
    return "\(value < 0 ? "-" : "")\(whole)" + (rest == 0 ? "" : "." + InternetTime.padded(Int(rest), digits))
  }

  private static func escaped(_ text: String, quotes: Bool = true) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
