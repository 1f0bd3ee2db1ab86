/// A field of a table: its text is clean.
package struct Cell: Hashable, Sendable {
  package var text: String
  package var paint: Paint

  package init(_ text: String, _ paint: Paint = .plain) { (self.text, self.paint) = (text, paint) }
}

/// Rows in columns that fit a width. A column of which no field has a text is left out.
package struct Table {
  /// How a column gives way when there is too little room.
  package enum Shrinking: Hashable, Sendable {
    case never
    /// Down to a width; a path loses its middle.
    case text(to: Int)
    case path(to: Int)
    /// It is left out, the highest number first.
    case goes(Int)
  }

  private var columns: [(title: String, shrinking: Shrinking, isRight: Bool)] = []
  private var rows: [[Cell]] = []

  package init() {}

  /// Adds a column, before any row.
  package mutating func column(_ title: String, _ shrinking: Shrinking = .never, isRight: Bool = false) {
    columns.append((title, shrinking, isRight))
  }

  /// Adds a row with a field for each column.
  package mutating func row(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "a row has as many fields as the table has columns")
    rows.append(cells)
  }

  /// The lines, with titles or without.
  package func lines(_ style: TerminalStyle, legend: Bool, indent: Int = 0) -> [String] {
    let natural = columns.indices.map { index -> Int in
      let content = rows.map { $0[index].text.columns }.max() ?? 0
      return content == 0 ? 0 : max(content, legend ? columns[index].title.columns : 0)
    }
    guard !rows.isEmpty else { return [] }
    let widths = fit(natural, style.width - indent)
    let shown = columns.indices.filter { widths[$0] > 0 }
    func line(_ cells: [Cell]) -> String {
      var line = ""
      // Blanks are put down when a text follows: no line ends in them.
      var blanks = indent
      for index in shown {
        let (_, shrinking, isRight) = columns[index]
        let isPath = if case .path = shrinking { true } else { false }
        let text = cells[index].text.cut(to: widths[index], inMiddle: isPath, ellipsis: style.ellipsis)
        let padding = widths[index] - text.columns
        if !text.isEmpty {
          line +=
            String(repeating: " ", count: blanks + (isRight ? padding : 0)) + style.paint(text, cells[index].paint)
          blanks = 0
        }
        blanks += 2 + (text.isEmpty ? widths[index] : isRight ? 0 : padding)
      }
      return line
    }
    return (legend ? [line(columns.map { Cell($0.title, .bold) })] : []) + rows.map(line)
  }

  /// Shrinks columns, then leaves some out, until the line fits.
  private func fit(_ natural: [Int], _ width: Int) -> [Int] {
    var natural = natural
    while true {
      var widths = natural
      var excess = widths.reduce(0) { $0 + ($1 > 0 ? $1 + 2 : 0) } - 2 - width
      for index in widths.indices.sorted(by: { widths[$0] > widths[$1] }) where excess > 0 {
        switch columns[index].shrinking {
        case .text(let least), .path(let least):
          let loss = min(excess, max(0, widths[index] - least))
          widths[index] -= loss
          excess -= loss
        case .never, .goes: break
        }
      }
      let droppable = columns.indices.filter { natural[$0] > 0 }.max { rank($0) < rank($1) }
      guard excess > 0, let droppable, rank(droppable) > 0 else { return widths }
      natural[droppable] = 0
    }
  }

  private func rank(_ column: Int) -> Int {
    if case .goes(let rank) = columns[column].shrinking { rank } else { 0 }
  }
}
