internal import Rotation

/// Looks up each name once: a config of many jobs has few users, and a look-up may use the network.
final class AccountCache {
  private let accounts: Accounts
  private var users: [ExactText: UInt32?] = [:]
  private var groups: [ExactText: UInt32?] = [:]

  init(_ accounts: Accounts) {
    self.accounts = accounts
  }

  /// The id of a user name; nil if there is none.
  func user(_ name: String) -> UInt32? {
    if let known = users[ExactText(name)] { return known }
    let id = Self.isAskable(name) ? accounts.user(name) : nil
    users[ExactText(name)] = .some(id)
    return id
  }

  /// The id of a group name; nil if there is none.
  func group(_ name: String) -> UInt32? {
    if let known = groups[ExactText(name)] { return known }
    let id = Self.isAskable(name) ? accounts.group(name) : nil
    groups[ExactText(name)] = .some(id)
    return id
  }

  /// A name with a NUL would reach the system truncated, as another name.
  private static func isAskable(_ name: String) -> Bool { !name.isEmpty && !name.utf8.contains(0) }
}
