import CTOML
import Rotation

/// Parses bytes into a `Document`, with toml++.
enum DocumentParser {
  /// Why a text is not valid TOML, in the parser's own message.
  struct SyntaxError: Error {
    var place: Position
    var message: String
  }

  /// The nodes of a text that is valid UTF-8, with positions in this file; the parser's own tree is freed on return.
  static func parse(_ bytes: [UInt8], file: Int32 = 0) throws(SyntaxError) -> Document {
    if let offset = KeyDepth.excess(in: bytes) {
      let place = SourceText(bytes, file: file).place(of: offset)
      throw SyntaxError(place: place, message: "a key with more than \(Limits.maxKeyDepth) dots")
    }
    let builder = Builder(file: file)
    var error = ctoml_error()
    let isRead = unsafe bytes.withUnsafeBytes { raw in
      let text = unsafe raw.bindMemory(to: CChar.self)
      return unsafe ctoml_read(
        text.baseAddress, text.count, Unmanaged.passUnretained(builder).toOpaque(),
        { context, node in
          guard let context = unsafe context, let node = unsafe node else { return }
          unsafe Unmanaged<Builder>.fromOpaque(context).takeUnretainedValue().add(node.pointee)
        }, &error)
    }
    guard isRead != 0 else {
      let message = unsafe withUnsafeBytes(of: error.message) { raw in
        unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw SyntaxError(
        place: Position(file: file, line: max(Int32(error.line), 1), column: max(Int32(error.column), 1)),
        message: message)
    }
    return Document(nodes: builder.nodes)
  }

  /// Collects the nodes from the parser, and records where the last descendant of each one is.
  private final class Builder {
    var nodes: [Document.Node] = []
    /// The open tables and arrays, with the number of nodes that are still missing directly below each.
    private var unclosed: [(index: Int, missing: UInt32)] = []
    private let file: Int32

    init(file: Int32) {
      self.file = file
    }

    @unsafe
    func add(_ node: ctoml_node) {
      let index = nodes.count
      unsafe nodes.append(
        Document.Node(
          key: text(node.key, node.key_length),
          keyPlace: Position(file: file, line: Int32(node.key_line), column: Int32(node.key_column)),
          value: value(of: node), place: Position(file: file, line: Int32(node.line), column: Int32(node.column)),
          end: Int32(index + 1)))
      if unsafe node.children > 0 {
        unsafe unclosed.append((index, node.children))
        return
      }
      while let last = unclosed.last {
        if last.missing > 1 {
          unclosed[unclosed.count - 1].missing -= 1
          break
        }
        nodes[last.index].end = Int32(nodes.count)
        unclosed.removeLast()
      }
    }

    private func value(of node: ctoml_node) -> Document.Value {
      switch unsafe node.kind {
      case CTOML_TABLE: .table
      case CTOML_ARRAY: .array
      case CTOML_STRING: unsafe .string(text(node.text, node.text_length))
      case CTOML_INTEGER: unsafe .integer(node.integer)
      case CTOML_FLOAT: unsafe .float(node.number)
      case CTOML_BOOLEAN: unsafe .boolean(node.integer != 0)
      default: .time
      }
    }

    private func text(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
      unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
    }
  }
}
