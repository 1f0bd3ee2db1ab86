import Rotation
import Testing

@Suite("Sizes")
struct ByteSizeTests {
  @Test(
    "a size means what it means to systemd",
    arguments: [
      ("1K", 1024), ("1.5K", 1536), ("10M", 10 << 20), ("1G", 1 << 30), ("1T", 1 << 40), ("1P", 1 << 50),
      ("1E", 1 << 60), ("0", 0), ("1024", 1024), ("17B", 17), ("1G 512M", 1536 << 20), ("1G512M", 1536 << 20),
      (" 2 K ", 2048), ("1K 1", 1025), ("10.M", 10 << 20), ("0.1K", 102), ("+3K", 3072),
      ("9223372036854775807", Int64.max),
    ] as [(String, Int64)])
  func parses(_ text: String, _ bytes: Int64) throws {
    #expect(try ByteSize.parse(text) == bytes)
  }

  @Test(
    "a text that is no size is refused at its position",
    arguments: [
      ("", 0, "the text is empty"), ("K", 0, "a number is missing here"), ("-1K", 0, "a size cannot be negative"),
      ("1k", 1, "\"k\" is not a unit of size; the units are B, K, M, G, T, P and E"),
      ("1KB", 1, "\"KB\" is not a unit of size; the units are B, K, M, G, T, P and E"),
      ("1KiB", 1, "\"KiB\" is not a unit of size; the units are B, K, M, G, T, P and E"),
      ("1 big", 2, "\"big\" is not a unit of size; the units are B, K, M, G, T, P and E"),
      ("1K 1M", 4, "larger units come first"), ("1 1K", 3, "larger units come first"),
      ("8E", 0, "more than a file can hold (8E)"), ("99999999999999999999", 0, "more than a file can hold (8E)"),
    ])
  func refuses(_ text: String, _ offset: Int, _ reason: String) {
    #expect(throws: ByteSizeError(offset: offset, reason: reason)) { try ByteSize.parse(text) }
  }

  @Test(
    "a size is described in its greatest unit",
    arguments: [
      (0, "0B"), (1023, "1023B"), (1024, "1K"), (2151, "2.1K"), (10 << 20, "10M"), (1536 << 20, "1.5G"),
      (-2048, "-2K"), (Int64.max, "7.9E"),
    ] as [(Int64, String)])
  func describes(_ bytes: Int64, _ text: String) {
    #expect(ByteSize.describe(bytes) == text)
  }
}
