import Rotation
import Timekeeping

extension ConfigCompiler {
  /// Reports keys of a job that cannot mean anything beside its others.
  func checkHandling(_ settings: JobSettings, _ defaults: JobSettings, _ index: Int, _ owner: Owner) {
    guard let whole = settings.handlingSettings(over: defaults) else { return }
    func refuse(_ key: JobKey, _ message: String, _ hint: String) {
      guard settings.given.contains(key), let child = child(of: index, key.rawValue) else { return }
      findings.error("\(owner) has `\(key.rawValue)` \(message)", at: document.nodes[child].keyPlace, hint: hint)
    }
    let given = { (key: JobKey) in settings.given.contains(key) || defaults.given.contains(key) }
    if whole.truncates == true {
      if settings.creation != .likeOldLog {
        refuse(.create, "with `method = \"truncate\"`: the log stays, so none is made", "take `create` away")
      }
      if whole.undoesWhenStuck == true {
        refuse(
          .onStuck, "with `method = \"truncate\"`: the writer goes on with the same file", "take `on-stuck` away")
      }
    } else if settings.handling?.truncateWay != .auto {
      refuse(.truncateBy, "without `method = \"truncate\"`", "add the method, or take `truncate-by` away")
    }
    if whole.isDated != true {
      refuse(.dateFormat, "without `names = \"dated\"`", "add `names = \"dated\"`, or take `date-format` away")
    } else if let format = whole.dateFormat, let child = child(of: index, JobKey.dateFormat.rawValue),
      format.isCoarser(than: settings.namesSchedule ? settings.schedule : defaults.schedule)
    {
      findings.warning(
        "`date-format` is coarser than the schedule: several archives will have one date, told apart by `~1`, `~2` and "
          + "so on", at: document.nodes[child].place)
    }
    let creation = settings.creation ?? defaults.creation
    if whole.undoesWhenStuck == true, creation == .leftToWriter {
      refuse(.onStuck, "with `create = false`: there is no new log to swap back", "take one of them away")
    }
    if whole.undoesWhenStuck == true, let path = whole.archiveDirectory?.path, path != "." {
      refuse(
        .onStuck, "with `archive-dir`: an archive in another directory is not swapped back", "take one of them away")
    }
    checkCompression(settings, whole, given, index, owner)
    if let least = settings.handling?.keepMin, least > settings.keep ?? defaults.keep ?? Defaults.keep {
      refuse(.keepMin, "greater than `keep`", "so many versions are never there")
    }
  }

  private func checkCompression(
    _ settings: JobSettings, _ whole: HandlingSettings, _ given: (JobKey) -> Bool, _ index: Int, _ owner: Owner
  ) {
    let own = settings.handling
    let idle: [(JobKey, Bool)] = [
      (.compressLevel, false), (.compressAfter, own?.compressAfter == .zero), (.compressFrom, own?.compressFrom == 1),
    ]
    for (key, isDefault) in idle where settings.given.contains(key) && !isDefault {
      guard !given(.compress), let child = child(of: index, key.rawValue) else { continue }
      findings.error(
        "\(owner) has `\(key.rawValue)` without `compress`", at: document.nodes[child].keyPlace,
        hint: "add `compress = true`, or take `\(key.rawValue)` away")
    }
    guard let level = settings.handling?.level, let child = child(of: index, JobKey.compressLevel.rawValue) else {
      return
    }
    switch whole.compress {
    case .tool(let tool) where !tool.levels.contains(level):
      findings.error(
        "`compress-level` is \(level); allowed for \(tool.rawValue) is \(tool.levels.lowerBound) to "
          + "\(tool.levels.upperBound)", at: document.nodes[child].place)
    case .command:
      findings.error(
        "\(owner) has `compress-level` with a `command` of its own", at: document.nodes[child].keyPlace,
        hint: "write the level into the command")
    default: break
    }
  }
}
