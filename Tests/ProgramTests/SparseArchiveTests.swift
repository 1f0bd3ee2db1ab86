import CLinux
import Glibc
import Testing

/// Compression of a log that its owner has made so that it takes hours: long, and without space on disk.
@Suite("A sparse archive")
struct SparseArchiveTests {
  @Test("of a user stays uncompressed after a short try, and archives of others are compressed")
  func staysPlain() throws {
    let scratch = Scratch()
    try scratch.write("a line\n", to: "logs/big.log")
    // gzip has written a mebibyte when it has read a gibibyte of NULs, which takes some seconds; this one is quicker, and
    // then works for as long as gzip would at the rest.
    let grower = "head -c 2000000 /dev/zero; exec sleep 1000"
    try #require(truncate(scratch["logs/big.log"], 256 << 30) == 0)
    if geteuid() == 0 { try #require(chown(scratch["logs/big.log"], 1000, 1000) == 0) }
    try scratch.write("another line\n", to: "logs/small.log")
    let script = "test $(stat -L -c %s /dev/stdin) -lt 1000 && cat || { \(grower); }"
    let daemon = try RunningDaemon(
      scratch,
      "[daemon]\nmax-children = 1\n[defaults]\ncompress = 'gzip'\nsize = 1\ncheck = '100ms'\n"
        + scratch.job("big", "compress = { command = ['sh', '-c', '\(script)'], suffix = '.gz' }")
        + scratch.job("small"))
    try daemon.eventually("the end of the try", within: 120) {
      daemon.text.contains("big.log.1 stays uncompressed: it is sparse")
    }
    try daemon.waitForList(["big.log", "big.log.1", "small.log", "small.log.1.gz"])
    let status = try scratch.status("logs/big.log.1")
    #expect(status.st_size == 256 << 30 && status.st_blocks < 64)
    // Another rotation does not begin it anew.
    try scratch.append("third\n", to: "logs/big.log")
    try daemon.eventually("another rotation") { scratch.list("logs").contains("big.log.1.gz") }
    #expect(scratch.list("logs").contains("big.log.2"))
    #expect(daemon.count(of: "stays uncompressed") == 1, "\(daemon.text)")
    try daemon.stop()
  }
}
