internal import Rotation

extension Screen {
  /// What `rotatectl doctor` has found, the worst first, and a line with the sums.
  package mutating func findings(_ findings: [Wire.Finding]) {
    for finding in findings { add(finding) }
    guard legend else { return }
    space()
    let sums = [Wire.Severity.error, .warning, .notice].compactMap { severity -> String? in
      let number = findings.count { $0.severity == severity }
      return number == 0 ? nil : count(Int64(number), severity.rawValue)
    }
    add(sums.isEmpty ? "Nothing found that will go wrong." : sums.joined(separator: ", "), .bold)
  }

  /// What was found, and what to do.
  mutating func add(_ finding: Wire.Finding) {
    let place = [finding.job.map { "job \($0)" }, finding.path?.printable].compactMap { $0 }.joined(separator: ", ")
    add("\(finding.severity.rawValue): \(place.isEmpty ? "" : "\(place): ")\(finding.message)", paint(finding.severity))
    add("-> \(finding.advice)", indent: 2)
  }

  private func paint(_ severity: Wire.Severity) -> Paint {
    severity == .error ? .red : severity == .warning ? .yellow : .plain
  }
}
