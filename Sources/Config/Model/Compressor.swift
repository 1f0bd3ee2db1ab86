import Rotation

/// The compressors that a config may name: each reads standard input and writes standard output.
enum Compressor: String, CaseIterable {
  case zstd, gzip, xz, bzip2, lz4

  /// The suffix of its files.
  var suffix: String {
    switch self {
    case .zstd: ".zst"
    case .gzip: ".gz"
    case .xz: ".xz"
    case .bzip2: ".bz2"
    case .lz4: ".lz4"
    }
  }

  /// Its levels, without those that need an extra flag or gigabytes of memory.
  var levels: ClosedRange<Int> {
    switch self {
    case .zstd: 1...19
    case .gzip, .bzip2: 1...9
    case .xz: 0...9
    case .lz4: 1...12
    }
  }

  /// The command; without a level, the compressor uses its default. It uses one thread, because it runs in the
  /// background, beside the actual work of the machine.
  func command(level: Int?) -> [ExactText] {
    let level: [ExactText] = level.map { ["-\($0)"] } ?? []
    return switch self {
    case .zstd: ["zstd", "-q", "-c", "-T1"] + level
    // Without -n, gzip warns, with exit code 2, of a time that its header cannot store; the archive has its time
    // anyway.
    case .gzip: ["gzip", "-c", "-n"] + level
    case .xz: ["xz", "-c", "-T1"] + level
    case .bzip2: ["bzip2", "-c"] + level
    case .lz4: ["lz4", "-q", "-c"] + level
    }
  }
}
