package import Rotation

/// Where the unit of a daemon lets it write (systemd.exec(5), "Sandboxing").
package struct UnitSandbox: Hashable, Sendable {
  /// What a rule makes of a path and all that is below it.
  private enum Access: Hashable, Sendable {
    case writable, readOnly, hidden, other
  }

  private struct Rule: Hashable, Sendable {
    var path: FilePath
    var access: Access
    var setting: String
  }

  /// The names of the properties that are read.
  package static let properties = [
    "LoadState", "ProtectSystem", "ProtectHome", "PrivateTmp", "ReadWritePaths", "ReadOnlyPaths", "InaccessiblePaths",
    "TemporaryFileSystem", "StateDirectory", "RuntimeDirectory", "LogsDirectory", "CacheDirectory",
  ]

  private var rules: [Rule] = []

  /// From the lines `Name=value` that `systemctl show` prints; nil where there is no such unit.
  package init?(shown lines: [String]) {
    var values: [String: String] = [:]
    for line in lines {
      guard let end = line.firstIndex(of: "=") else { continue }
      values[String(line[..<end])] = String(line[line.index(after: end)...])
    }
    guard values["LoadState"] == "loaded" else { return nil }
    func add(_ paths: [String], _ access: Access, _ setting: String) {
      rules += paths.map { Rule(path: FilePath($0), access: access, setting: setting) }
    }
    let system = values["ProtectSystem"] ?? "no"
    switch system {
    case "yes": add(["/usr", "/boot", "/efi"], .readOnly, "ProtectSystem=yes")
    case "full": add(["/usr", "/boot", "/efi", "/etc"], .readOnly, "ProtectSystem=full")
    case "strict":
      add(["/"], .readOnly, "ProtectSystem=strict")
      add(["/dev", "/proc", "/sys"], .writable, "ProtectSystem=strict")
    default: break
    }
    let homes = ["/home", "/root", "/run/user"]
    switch values["ProtectHome"] ?? "no" {
    case "yes": add(homes, .hidden, "ProtectHome=yes")
    case "tmpfs": add(homes, .hidden, "ProtectHome=tmpfs")
    case "read-only": add(homes, .readOnly, "ProtectHome=read-only")
    default: break
    }
    let temporary = values["PrivateTmp"] ?? "no"
    if temporary != "no" { add(["/tmp", "/var/tmp"], .other, "PrivateTmp=\(temporary)") }
    let directories = [
      ("StateDirectory", "/var/lib"), ("RuntimeDirectory", "/run"), ("LogsDirectory", "/var/log"),
      ("CacheDirectory", "/var/cache"),
    ]
    for (name, parent) in directories { add(Self.words(values[name]).map { "\(parent)/\($0)" }, .writable, name) }
    let lists: [(String, Access)] = [
      ("ReadWritePaths", .writable), ("ReadOnlyPaths", .readOnly), ("InaccessiblePaths", .hidden),
      ("TemporaryFileSystem", .hidden),
    ]
    for (name, access) in lists { add(Self.words(values[name]), access, name) }
  }

  /// What keeps the daemon from changing names in a directory, as the end of a sentence; nil when nothing does.
  package func obstacle(in directory: FilePath) -> String? {
    var nearest: Rule?
    for rule in rules where directory.isAtOrBelow(rule.path) {
      // Of two rules for one path, the later list counts.
      if nearest.map({ $0.path.components.count <= rule.path.components.count }) ?? true { nearest = rule }
    }
    guard let nearest else { return nil }
    return switch nearest.access {
    case .writable: nil
    case .readOnly: "the unit of rotated makes it read-only (\(nearest.setting))"
    case .hidden: "the unit of rotated hides it (\(nearest.setting))"
    case .other: "the unit of rotated has another directory there (\(nearest.setting))"
    }
  }

  /// The words of a list as systemctl quotes them; `-` before a path, for one that may be missing, and `+` say nothing of the
  /// access.
  private static func words(_ list: String?) -> [String] {
    var words: [String] = [""]
    var (isQuoted, isEscaped) = (false, false)
    for character in list ?? "" {
      guard !isEscaped else {
        words[words.count - 1].append(character)
        isEscaped = false
        continue
      }
      switch character {
      case "\\": isEscaped = true
      case "\"": isQuoted.toggle()
      case " " where !isQuoted: words.append("")
      default: words[words.count - 1].append(character)
      }
    }
    return words.filter { !$0.isEmpty }.map { word in
      // `TemporaryFileSystem` has options behind a colon.
      String(word.drop { $0 == "-" || $0 == "+" }.prefix { $0 != ":" })
    }
  }
}

extension FilePath {
  /// Whether this is a directory or something in it, at whatever depth.
  package func isAtOrBelow(_ directory: FilePath) -> Bool { components.starts(with: directory.components) }
}
