internal import Rotation
internal import Timekeeping

extension Screen {
  /// What a config would change in a daemon: `rotatectl plan --against`.
  package mutating func comparison(_ comparison: Wire.Comparison) {
    space()
    add("Against the config in force (\(comparison.running.printable)):", .bold)
    if comparison.isPartial {
      add(
        "The file has changed since the daemon read it: which jobs say something else is not known. Edit a copy to see that.",
        .yellow, indent: 2)
    }
    for (word, jobs) in [("added", comparison.added), ("changed", comparison.changed), ("removed", comparison.removed)]
    {
      for job in jobs { add("job \(job): \(word)", indent: 2) }
    }
    for log in comparison.logs {
      let path = log.path.printable
      switch (log.from, log.to) {
      case (nil, let to?): add("\(path): would be rotated, by job \(to)", indent: 2)
      case (let from?, nil): add("\(path): would not be rotated any more; job \(from) has it", .yellow, indent: 2)
      case (let from, let to): add("\(path): would go from job \(from ?? "") to job \(to ?? "")", indent: 2)
      }
    }
    for archive in comparison.removals {
      let size = ByteSize.describe(archive.bytes)
      add(
        "\(archive.path.printable) (\(size)) of job \(archive.job) would be removed at once: \(archive.reason)", .red,
        indent: 2)
    }
    let bytes = comparison.removals.reduce(Int64(0)) { $0.saturatingAdd($1.bytes) }
    let isNothing = comparison.removals.isEmpty && comparison.logs.isEmpty && !comparison.isPartial
    if isNothing, (comparison.added + comparison.changed + comparison.removed).isEmpty {
      add("nothing would change", indent: 2)
    } else if !comparison.removals.isEmpty {
      add(
        "removed at once: \(count(Int64(comparison.removals.count), "archive")), \(ByteSize.describe(bytes))", .red,
        indent: 2)
    }
  }
}
