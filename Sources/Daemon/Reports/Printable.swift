internal import Rotation
package import Timekeeping

extension Zone {
  /// `HH:MM:SS` in local time.
  package func clockTime(at time: WallTime) -> String {
    let local = localTime(at: time)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(local.hour)):\(two(local.minute)):\(two(local.second))"
  }

  /// `YYYY-MM-DD HH:MM:SS` in local time.
  package func dateAndTime(at time: WallTime) -> String {
    let local = localTime(at: time)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(local.year)-\(two(local.month))-\(two(local.day)) \(clockTime(at: time))"
  }
}
