import Rotation
import Timekeeping

extension TimeOfDay {
  /// A time in the form `HH:MM` or `HH:MM:SS`, with two digits each; nil for anything else.
  init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3 else { return nil }
    var numbers: [Int] = []
    for part in parts {
      guard part.count == 2, part.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(Substring(part)) else {
        return nil
      }
      numbers.append(number)
    }
    if numbers.count == 2 { numbers.append(0) }
    guard numbers[0] < 24, numbers[1] < 60, numbers[2] < 60 else { return nil }
    self.init(hour: numbers[0], minute: numbers[1], second: numbers[2])
  }
}
