internal import ArgumentParser
internal import Config
internal import Control
internal import Linux
internal import Rotation
internal import Timekeeping

/// What Tab offers: the jobs and logs of the daemon, else those of the config.
enum Completion {
  /// How long somebody who has pressed Tab waits.
  private static let patience = Span.seconds(2)

  /// Jobs by name.
  static let jobs: @Sendable ([String], Int, String) -> [String] = { words, _, _ in find(words, withLogs: false).jobs }
  /// Logs by path.
  static let logs: @Sendable ([String], Int, String) -> [String] = { words, _, _ in find(words, withLogs: true).logs }
  /// Jobs and, from the first slash on, logs.
  static let jobsAndLogs: @Sendable ([String], Int, String) -> [String] = { words, _, prefix in
    let isPath = prefix.utf8.contains(UInt8(ascii: "/"))
    let found = find(words, withLogs: isPath)
    return isPath ? found.logs : found.jobs
  }

  private static func find(_ words: [String], withLogs: Bool) -> (jobs: [String], logs: [String]) {
    var (jobs, logs): ([String], [String]) = ([], [])
    var parameters = Wire.Parameters()
    if withLogs { parameters.withLogs = true }
    let daemon = ControlPlace.candidates(value("--control", words).map { FilePath($0) })
    for path in daemon {
      guard let client = try? ControlClient(path) else { continue }
      try? client.call(.list, parameters, patience: patience) { reply in
        if let job = reply.job { jobs.append(job.name) }
        if let log = reply.log { logs.append(log.path.printable) }
        return true
      }
      return (jobs, logs)
    }
    let path = value("--config", words) ?? value("-c", words) ?? ConfigOption.defaultPath
    guard let configuration = ConfigFile.load(FilePath(path)).configuration else { return ([], []) }
    let names = configuration.jobs.flatMap(\.logs).filter { !$0.hasWildcard }.map(\.text.printable)
    return (configuration.jobs.map(\.name), names)
  }

  /// The value of an option that was typed before.
  private static func value(_ option: String, _ words: [String]) -> String? {
    for (index, word) in words.enumerated() {
      if word == option, index + 1 < words.count { return words[index + 1] }
      if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
    }
    return nil
  }
}
