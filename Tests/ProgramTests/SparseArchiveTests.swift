import CLinux
import Glibc
import Testing

/// Compression of what its owner has made to take hours: a log that is long and takes no room.
@Suite("A sparse archive")
struct SparseArchiveTests {
  @Test("of a user stays plain after a short try, and archives of others are compressed")
  func staysPlain() throws {
    let scratch = try Scratch()
    try scratch.makeDirectory("logs")
    try scratch.write("a line\n", to: "logs/big.log")
    // gzip has written a mebibyte when it has read a gibibyte of NULs, which takes some seconds; this one is quicker, and
    // then works for as long as gzip would at the rest.
    let grower = "head -c 2000000 /dev/zero; exec sleep 1000"
    try #require(truncate(scratch["logs/big.log"], 256 << 30) == 0)
    if geteuid() == 0 { try #require(chown(scratch["logs/big.log"], 1000, 1000) == 0) }
    try scratch.write("another line\n", to: "logs/small.log")
    try scratch.write(
      """
      [daemon]
      max-children = 1
      [defaults]
      compress = "gzip"
      size = 1
      check = "100ms"
      [job.big]
      logs = "\(scratch["logs/big.log"])"
      compress = { command = ["sh", "-c", "test $(stat -L -c %s /dev/stdin) -lt 1000 && cat || { \(grower); }"], suffix = ".gz" }
      [job.small]
      logs = "\(scratch["logs/small.log"])"
      """, to: "rotated.toml")
    let program = try Program(
      Program.rotated, ["--config", scratch["rotated.toml"], "--state", scratch["state"]])
    try eventually("the end of the try: \(program.read())", within: 120) {
      program.read().contains("big.log.1 stays uncompressed: it is sparse")
    }
    try eventually("the other archive: \(program.read())", within: 20) {
      scratch.list("logs") == ["big.log", "big.log.1", "small.log", "small.log.1.gz"]
    }
    var status = stat()
    #expect(stat(scratch["logs/big.log.1"], &status) == 0)
    #expect(status.st_size == 256 << 30 && status.st_blocks < 64)
    // Another rotation does not begin it anew.
    try scratch.append("third\n", to: "logs/big.log")
    try eventually("another rotation: \(program.read())", within: 20) {
      scratch.list("logs").contains("big.log.1.gz")
    }
    #expect(scratch.list("logs").contains("big.log.2"))
    #expect(program.text.split(separator: "\n").count { $0.contains("stays uncompressed") } == 1, "\(program.text)")
    #expect(program.threads == 1)
    program.send(SIGTERM)
    #expect(try program.waitForEnd() == 0, "\(program.text)")
  }
}
