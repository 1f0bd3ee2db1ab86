internal import EventLoop
internal import Rotation
internal import Timekeeping

/// A listing of a directory that the housekeeping of its logs shares.
///
/// Dated archives are found by a listing alone. If each look of each log made one, a thousand logs would cost twenty times what
/// all else does. The listing only says which names to ask for, so what it shows may have changed since.
final class HousekeepingListing {
  private let platform: Platform
  /// Lets one task list at a time; the others use what it has found.
  private let gate = Gate<Void>(limit: 1)
  /// How many orders there were.
  private var orders: UInt64 = 0
  private var shared: SharedListings?
  /// When it was begun, and after how many orders.
  private var begun = (time: MonotonicTime(nanoseconds: 0), orders: UInt64(0))

  init(platform: Platform) { self.platform = platform }

  /// Counts an order. What it is about is on disk now.
  func noteOrder() -> UInt64 {
    orders += 1
    return orders
  }

  /// The dated archives of a log, as they were after the order of this number and not long ago; nil where archives have numbers
  /// or the directory cannot be listed.
  func archives(of order: Housekeeper.Order, number: UInt64) async -> [Version]? {
    guard order.policy.naming.isDated else { return nil }
    await gate.enter()
    defer { gate.leave() }
    let now = platform.loop.now()
    let isRecent = begun.orders >= number && now - begun.time <= Limits.sharedListing
    if !isRecent || shared?.fits(order.directory, order.policy) != true {
      await shared?.listings.drop(on: platform.loop)
      begun = (now, orders)
      shared = await SharedListings(order.directory, order.policy, platform)
    }
    return shared?.listings.versions(of: order.name)
  }

  /// Frees it: nothing is left to do.
  func forget() {
    guard shared != nil else { return }
    platform.loop.start(self) { listing in
      await listing.gate.enter()
      await listing.shared?.listings.drop(on: listing.platform.loop)
      listing.shared = nil
      listing.gate.leave()
    }
  }
}
