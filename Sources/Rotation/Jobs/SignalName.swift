/// The names of signals, as in kill(1) and systemd.
package enum SignalName {
  /// The standard signals by name, except those that a program cannot handle or gets for its own faults; the numbers
  /// are those of x86, ARM and RISC-V (signal(7)).
  private static let numbers: [String: Int32] = [
    "HUP": 1, "INT": 2, "QUIT": 3, "USR1": 10, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "CONT": 18,
    "URG": 23, "WINCH": 28, "IO": 29,
  ]
  /// SIGRTMIN to SIGRTMAX in programs: the C library keeps two signals for itself.
  private static let realtime: ClosedRange<Int32> = 34...64

  /// Every name, in alphabetical order; realtime signals are written `RTMIN+3`.
  package static let names = numbers.keys.sorted()

  /// The number of a signal's name, with or without `SIG`: `HUP`, `SIGUSR1`, `RTMIN+3`; nil if there is none.
  package static func number(of text: String) -> Int32? {
    let name = text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text
    if let number = numbers[name] { return number }
    guard name.hasPrefix("RTMIN") else { return nil }
    let rest = name.dropFirst(5)
    if rest.isEmpty { return realtime.lowerBound }
    guard rest.hasPrefix("+"), rest.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let offset = Int32(rest.dropFirst()), offset <= realtime.upperBound - realtime.lowerBound
    else { return nil }
    return realtime.lowerBound + offset
  }

  /// The name of a signal's number, `HUP`; the number itself if it has no name.
  package static func name(of number: Int32) -> String {
    if let known = numbers.first(where: { $0.value == number }) { return known.key }
    guard realtime.contains(number) else { return "\(number)" }
    return number == realtime.lowerBound ? "RTMIN" : "RTMIN+\(number - realtime.lowerBound)"
  }
}
