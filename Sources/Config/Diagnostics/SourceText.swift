/// The text of a config by lines, for messages: the byte at a position, and the position of a byte.
struct SourceText {
  let bytes: [UInt8]
  /// Where each line starts.
  private let starts: [Int]
  private let file: Int32

  init(_ bytes: [UInt8], file: Int32 = 0) {
    self.bytes = bytes
    self.file = file
    var starts = [0]
    for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") { starts.append(index + 1) }
    self.starts = starts
  }

  /// The number of lines.
  var lineCount: Int { starts.count }

  /// A line without its end; empty past the last one. The first is 1.
  func line(_ number: Int) -> ArraySlice<UInt8> {
    guard (1...starts.count).contains(number) else { return [] }
    let end = number < starts.count ? starts[number] - 1 : bytes.count
    let line = bytes[starts[number - 1]..<end]
    return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }

  /// The position of a byte.
  func place(of offset: Int) -> Position {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    let column = bytes[starts[low]..<offset].count { $0 & 0xC0 != 0x80 }
    return Position(file: file, line: Int32(low + 1), column: Int32(column + 1))
  }

  /// The byte at a position; the end of the line if the line is shorter.
  func offset(of place: Position) -> Int {
    let line = line(Int(place.line))
    var column = 1
    for index in line.indices where line[index] & 0xC0 != 0x80 {
      if column == place.column { return index }
      column += 1
    }
    return line.isEmpty && Int(place.line) > starts.count ? bytes.count : line.endIndex
  }

  /// The position of a byte within a string, if the string has no escapes; else the position where it starts.
  ///
  /// `offset` counts bytes of the string's value.
  func place(inString text: String, at place: Position, offset: Int) -> Position {
    let open = self.offset(of: place)
    guard open < bytes.count, bytes[open] == UInt8(ascii: "\"") || bytes[open] == UInt8(ascii: "'") else {
      return place
    }
    let before = text.utf8.prefix(offset)
    let isVerbatim =
      bytes[open] == UInt8(ascii: "'") || !bytes[(open + 1)...].prefix(offset).contains(UInt8(ascii: "\\"))
    guard isVerbatim, bytes[(open + 1)...].starts(with: before) else { return place }
    let shift = before.count { $0 & 0xC0 != 0x80 }
    return Position(file: file, line: place.line, column: place.column + Int32(shift + 1))
  }

  /// The value without quotes at a position: up to a blank, a comma, a bracket or the line's end.
  func word(at place: Position) -> String {
    let stops = Array(" \t,]}#".utf8)
    let line = line(Int(place.line))
    return String(
      decoding: line[min(offset(of: place), line.endIndex)...].prefix { !stops.contains($0) }, as: UTF8.self)
  }
}
