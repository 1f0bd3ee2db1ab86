/// A position in one of the files of a config: line and column, both from 1, columns in characters.
struct Position: Hashable, Comparable {
  /// The index of the file among the sources, from 0.
  var file: Int32 = 0
  var line: Int32
  var column: Int32

  static let start = Position(line: 1, column: 1)

  static func < (left: Position, right: Position) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

/// A TOML text as a tree of nodes with their positions, in one array: each node is followed by everything below it, in
/// the order of the text. It exists only while a config is compiled.
struct Document {
  /// The value of a key.
  enum Value {
    case table, array
    case string(String)
    case integer(Int64)
    case float(Double)
    case boolean(Bool)
    /// A date, a time of day or both. No key has such a value, so only the kind is kept.
    case time
  }

  /// One key with its value, or one element of an array.
  struct Node {
    /// Empty for an element of an array.
    var key: String
    var keyPlace: Position
    var value: Value
    var place: Position
    /// The index after the last node below this one.
    var end: Int32
  }

  /// The document's own table is first.
  var nodes: [Node]
  /// `ConfigSource.isFragment`.
  var isFragment = false

  /// The indices of the nodes directly below a table or an array.
  func children(of index: Int) -> Children {
    Children(nodes: nodes, upcoming: index + 1, end: Int(nodes[index].end))
  }

  /// Steps from one node to its next sibling.
  struct Children: Sequence, IteratorProtocol {
    fileprivate let nodes: [Node]
    fileprivate var upcoming: Int
    fileprivate let end: Int

    mutating func next() -> Int? {
      guard upcoming < end else { return nil }
      defer { upcoming = Int(nodes[upcoming].end) }
      return upcoming
    }
  }
}

extension Document.Value {
  /// Whether this is the boolean false.
  var isFalse: Bool {
    if case .boolean(false) = self { true } else { false }
  }
}
