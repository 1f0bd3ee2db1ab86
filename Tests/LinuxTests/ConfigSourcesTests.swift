import Config
import Glibc
import Linux
import Rotation
import Testing

@Suite("The files of a config")
struct ConfigSourcesTests {
  private let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    for directory in ["etc", "etc/conf.d", "run", "usr"] { _ = unsafe mkdir("\(scratch.path)/\(directory)", 0o755) }
  }

  private func write(_ name: String, _ text: String) throws {
    let file = unsafe try #require(fopen("\(scratch.path)/\(name)", "w"))
    unsafe fputs(text, file)
    unsafe fclose(file)
  }

  private func job(_ name: String, _ keys: String = "") -> String {
    "[job.\(name)]\nlogs = '/var/log/\(name)'\ndaily = true\n\(keys)\n"
  }

  /// The jobs of the main config and of the fragments in etc/conf.d, run and usr.
  private func load(_ main: String = "etc/rotated.toml") -> (jobs: [Job], findings: [String]) {
    let directories = ["etc/conf.d", "run", "usr"].map { FilePath("\(scratch.path)/\($0)") }
    let files = ConfigSources(FilePath("\(scratch.path)/\(main)"), fragments: directories)
    let result = ConfigReader.read(files.sources, system: SystemFacts.read())
    let findings = (files.diagnostics + result.diagnostics).map { finding in
      "\(finding.file.dropFirst(scratch.path.utf8.count + 1)):\(finding.line): \(finding.message)"
    }
    return (result.configuration?.jobs ?? [], findings)
  }

  @Test("the main config comes first, then the fragments in the order of their names, in whichever directory")
  func order() throws {
    try write("etc/rotated.toml", "[defaults]\nkeep = 3\n" + job("main"))
    try write("usr/10-a.toml", job("a"))
    try write("etc/conf.d/20-b.toml", "[defaults]\nkeep = 9\n" + job("b"))
    try write("run/15-c.toml", job("c", "keep = 1"))
    try write("etc/conf.d/no-config.toml.bak", "wrong")
    try write("etc/conf.d/.hidden.toml", "wrong")
    let (jobs, findings) = load()
    #expect(findings == [])
    #expect(jobs.map(\.name) == ["main", "a", "c", "b"])
    // The defaults of the main config hold for all, those of a fragment for its own jobs.
    #expect(jobs.map(\.policy.keep) == [3, 3, 1, 9])
  }

  @Test(
    "the fragment in the first directory wins, and a link to /dev/null or an empty file hides others of its name")
  func masks() throws {
    try write("etc/rotated.toml", job("main"))
    for name in ["a", "b", "c"] { try write("usr/\(name).toml", job(name)) }
    try write("etc/conf.d/a.toml", job("other"))
    _ = unsafe symlink("/dev/null", "\(scratch.path)/run/b.toml")
    try write("etc/conf.d/c.toml", "")
    let (jobs, findings) = load()
    #expect(findings == [])
    #expect(jobs.map(\.name) == ["main", "other"])
  }

  @Test("fragments alone are a config, and so is a directory; an empty one is an error")
  func withoutMain() throws {
    try write("usr/a.toml", job("a"))
    #expect(load().jobs.map(\.name) == ["a"])
    #expect(load("usr").jobs.isEmpty)  // The same file twice: the job is there twice.
    try write("etc/conf.d/z.toml", "")
    let empty = ConfigSources(FilePath("\(scratch.path)/run"))
    #expect(empty.diagnostics.map(\.message) == ["the directory has no file whose name ends with .toml"])
    let directory = ConfigSources(FilePath("\(scratch.path)/usr"))
    #expect(directory.diagnostics == [] && directory.sources.count == 1)
  }

  @Test("an error names its file, and the other file if that has the first of two jobs of one name")
  func findings() throws {
    try write("etc/rotated.toml", job("x"))
    try write("etc/conf.d/a.toml", "\n" + job("x"))
    try write("etc/conf.d/b.toml", job("y", "kep = 1"))
    try write("etc/conf.d/c.toml", "include = 'x.toml'\n" + job("z"))
    let (jobs, findings) = load()
    #expect(jobs.isEmpty)
    #expect(
      findings == [
        "etc/conf.d/a.toml:2: job `x` is there twice; the first is in \(scratch.path)/etc/rotated.toml:1",
        "etc/conf.d/b.toml:4: unknown key `kep` in job `y`",
        "etc/conf.d/c.toml:1: `include` is in a file that is itself included",
      ])
  }

  @Test("include names files and patterns of files from the directory of the config")
  func include() throws {
    try write("etc/rotated.toml", "include = ['sites-*.conf', '\(scratch.path)/run/one']\n" + job("main"))
    try write("etc/sites-b.conf", job("b"))
    try write("etc/sites-a.conf", job("a"))
    try write("run/one", job("one"))
    let (jobs, findings) = load()
    #expect(findings == [])
    #expect(jobs.map(\.name) == ["main", "a", "b", "one"])
  }

  @Test("an `include` that cannot be followed is an error at its position; a pattern without a match is none")
  func badInclude() throws {
    try write(
      "etc/rotated.toml", "include = [\n'none.toml',\n'*/a.toml',\n'',\n'gone/*',\n'no-match*']\n" + job("main"))
    let (_, findings) = load()
    #expect(
      findings == [
        "etc/rotated.toml:2: `include` leads to \(scratch.path)/etc/none.toml, which cannot be read: \(Errno.noEntry)",
        "etc/rotated.toml:3: `include` is \"*/a.toml\"; expected a path with wildcards in its last name only",
        "etc/rotated.toml:4: `include` is \"\"; expected a path with wildcards in its last name only",
        "etc/rotated.toml:5: `include` leads to \(scratch.path)/etc/gone/*, which cannot be read: \(Errno.noEntry)",
      ])
    try write("etc/rotated.toml", "include = [1]\n" + job("main"))
    #expect(
      load().findings == ["etc/rotated.toml:1: `include` is a list; expected a pattern of files, or a list of them"]
    )
  }

  @Test("a fragment that cannot be read at once is refused without waiting")
  func pipe() throws {
    try write("etc/rotated.toml", job("main"))
    #expect(unsafe mkfifo("\(scratch.path)/run/p.toml", 0o644) == 0)
    _ = unsafe symlink("nowhere", "\(scratch.path)/run/q.toml")
    #expect(
      load().findings == [
        "run/p.toml:1: cannot be read: it is not a regular file", "run/q.toml:1: cannot be read: \(Errno.noEntry)",
      ])
  }
}
