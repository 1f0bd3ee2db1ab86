internal import CLinux
internal import Glibc

/// The records of struct inotify_event (inotify(7)) in bytes that were read from an inotify descriptor.
struct InotifyEvents: Sequence, IteratorProtocol {
  /// One event.
  struct Event {
    /// -1 if the queue has overflowed, and anything may have changed.
    var watch: Int32
    var mask: UInt32
    /// Without the NUL bytes after it; empty if the event is about the watched file itself.
    var name: ArraySlice<UInt8>
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  mutating func next() -> Event? {
    let header = MemoryLayout<inotify_event>.size
    guard rest.count >= header else { return nil }
    // wd, mask, cookie and len, of 32 bits each, and a name padded with NUL.
    let length = Int(number(at: 12))
    let event = Event(
      watch: Int32(bitPattern: number(at: 0)), mask: number(at: 4),
      name: rest.dropFirst(header).prefix(length).prefix { $0 != 0 })
    rest = rest.dropFirst(header + length)
    return event
  }

  /// Four bytes in the byte order of the machine.
  private func number(at offset: Int) -> UInt32 {
    let little = rest.dropFirst(offset).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return UInt32(littleEndian: little)
  }
}
