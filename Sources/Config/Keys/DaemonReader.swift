import Rotation

/// The keys of `[daemon]`.
enum DaemonKey: String, CaseIterable {
  case maxChildren = "max-children"
  case keepFree = "keep-free"
  case warnFree = "warn-free"

  static let names = allCases.map(\.rawValue)
}

extension SettingsReader {
  /// What the table `[daemon]` says.
  func daemon(_ index: Int) -> DaemonSettings {
    var settings = DaemonSettings()
    guard case .table = document.nodes[index].value else {
      refuse(document.nodes[index], "daemon", allowed: "a table", hint: "write `[daemon]` on a line of its own")
      return settings
    }
    for child in document.children(of: index) {
      let node = document.nodes[child]
      let known = DaemonKey(rawValue: node.key)
      let corrected = known == nil ? refuseUnknownKey(node, in: index, .daemon, DaemonKey.names) : nil
      switch known ?? corrected.flatMap(DaemonKey.init(rawValue:)) {
      case .maxChildren: settings.maxChildren = count(node, named: "max-children", in: 1...Limits.maxChildren)
      case .keepFree: settings.keepFree = freeSpace(node)
      case .warnFree: settings.warnFree = freeSpace(node)
      case nil: break
      }
    }
    return settings
  }

  /// A size, or a share of the file system: `"10G"`, `"5%"`.
  private func freeSpace(_ node: Document.Node) -> FreeSpace? {
    guard case .string(let text) = node.value, text.utf8.last == UInt8(ascii: "%") else {
      return size(node, named: node.key).map { .bytes($0) }
    }
    let parts = text.utf8.dropLast().split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isSound =
      (1...2).contains(parts.count) && parts.allSatisfy { (1...2).contains($0.count) && $0.allSatisfy(\.isDigit) }
    if isSound, let whole = Int(String(decoding: parts[0], as: UTF8.self)) {
      var points = whole * 100
      if parts.count == 2, let digits = Int(String(decoding: parts[1], as: UTF8.self)) {
        points += parts[1].count == 1 ? digits * 10 : digits
      }
      if points > 0 { return .basisPoints(points) }
    }
    refuse(
      node, node.key, allowed: "a size, or a share from 0.01% to 99.99%",
      hint: "a share is written with `%`, a size with its unit: K, M, G, T, P or E")
    return nil
  }
}
