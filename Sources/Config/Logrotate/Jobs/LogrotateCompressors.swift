import Rotation

/// The compressors of logrotate's language: any program that reads standard input and writes standard output.
enum LogrotateCompressors {
  private static let suffixes = [
    "gzip": ".gz", "bzip2": ".bz2", "xz": ".xz", "zstd": ".zst", "compress": ".Z", "zip": ".zip",
  ]

  /// The suffix that logrotate takes for a program, by the last part of its path; nil for a program that it does not know.
  static func suffix(of program: [UInt8]) -> [UInt8]? {
    suffixes[name(of: program)].map { Array($0.utf8) }
  }

  /// The command and the suffix of the settings; nil where the suffix cannot be told from other parts of a name.
  static func compression(_ settings: LogrotateSettings) -> Compression? {
    let program = settings.compressor ?? Array("gzip".utf8)
    let suffix = String(decoding: settings.compressorSuffix ?? Array(".gz".utf8), as: UTF8.self)
    guard isSound(suffix), isProgram(program) else { return nil }
    // What rotated itself gives a compressor that it knows, so that it is quiet and has one thread.
    var command = Compressor(rawValue: name(of: program))?.command(level: nil) ?? [""]
    command[0] = ExactText(bytes: program)
    command += settings.compressorOptions.map { ExactText(bytes: $0) }
    return Compression(command: command, suffix: suffix, from: settings.has(.delaycompress) ? 2 : 1)
  }

  private static func name(of program: [UInt8]) -> String {
    let slash = program.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    return String(decoding: program[slash...], as: UTF8.self)
  }

  private static func isProgram(_ program: [UInt8]) -> Bool {
    program.first == UInt8(ascii: "/") || !program.contains(UInt8(ascii: "/"))
  }

  /// A suffix such as `compress` takes in a TOML config.
  private static func isSound(_ suffix: String) -> Bool {
    suffix.utf8.count <= 16 && suffix.utf8.first == UInt8(ascii: ".")
      && suffix.utf8.dropFirst().contains { !$0.isDigit }
      && suffix.utf8.dropFirst().allSatisfy { $0.isDigit || $0.isLetter }
  }
}
