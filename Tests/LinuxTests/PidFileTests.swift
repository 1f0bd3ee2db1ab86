import CLinux
import Daemon
import Glibc
import Rotation
import Testing

@testable import Linux

extension ProcessTests {
  /// In the suite of child processes, which runs serially: one of its tests counts the children that have ended.
  @Suite("A pidfile and its owner", .enabled(if: geteuid() == 0, "files and processes of other users need root"))
  struct PidFileTests {
    static let (root, logs, stranger): (uid_t, uid_t, uid_t) = (0, 33_333, 44_444)

    let scratch: ScratchDirectory
    var path: String { "\(scratch.path)/app.pid" }

    init() throws { scratch = try ScratchDirectory() }

    enum Link: CaseIterable { case plain, hard, symbolic }

    /// Writes a pidfile under the name that is configured.
    private func write(_ text: String, owner: uid_t = root, mode: mode_t = 0o644, _ link: Link = .plain) throws {
      let real = link == .plain ? path : "\(scratch.path)/real.pid"
      for name in [path, real] { _ = unsafe unlink(name) }
      let file = unsafe open(real, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      try #require(file >= 0)
      defer { close(file) }
      let bytes = Array(text.utf8)
      try #require(unsafe Glibc.write(file, bytes, bytes.count) == bytes.count)
      try #require(fchown(file, owner, owner) == 0 && fchmod(file, mode) == 0)
      switch link {
      case .plain: break
      case .hard: try #require(unsafe Glibc.link(real, path) == 0)
      case .symbolic: try #require(unsafe symlink("real.pid", path) == 0)
      }
    }

    /// The failure of a signal, in words; nil if it is sent.
    private func signal(_ users: Set<UInt32> = [logs], _ signal: Int32 = SIGUSR1, path: String? = nil) -> String? {
      do throws(SignalFailure) {
        try PidFile.signal(FilePath(path ?? self.path), signal, ofOwners: users)
        return nil
      } catch {
        return "\(error)"
      }
    }

    /// The refusal that is expected of a file with the right number in it.
    private func refusal(_ owner: uid_t, _ mode: mode_t, _ link: Link, _ child: Child) -> String? {
      switch (link, mode, owner) {
      case (.symbolic, _, _):
        "\(path) is a symbolic link: write \(scratch.path)/real.pid instead, if that is the pidfile"
      case (.hard, _, _): "\(path) has 2 hard links; a pidfile must have only one name"
      case (_, 0o646..., _): "\(path) is writable by users other than its owner (mode 0\(String(mode, radix: 8)))"
      case (_, _, Self.stranger):
        "\(path) belongs to user 44444 and not to root or the owner of the log (user 33333)"
      case (_, _, Self.logs) where child.user != Self.logs:
        "process \(child.process) does not belong to user 33333, who owns \(path)"
      default: nil
      }
    }

    @Test(
      "root's names any process, the log owner's only that user's, a stranger's none; nor one that is linked or open to others",
      arguments: [root, logs, stranger])
    func owners(processOf user: uid_t) throws {
      var child = try Child(user)
      var sent = 0
      for owner in [Self.root, Self.logs, Self.stranger] {
        for mode in [0o644, 0o600, 0o646, 0o664, 0o666] as [mode_t] {
          for link in Link.allCases {
            try write("\(child.process)\n", owner: owner, mode: mode, link)
            let expected = refusal(owner, mode, link, child)
            #expect(signal() == expected, "owner \(owner), mode \(String(mode, radix: 8)), \(link)")
            guard expected == nil else { continue }
            sent += 1
            #expect(child.end() == SIGUSR1)
            child = try Child(user)
          }
        }
      }
      // No refused signal has reached it.
      #expect(child.end(by: SIGKILL) == SIGKILL)
      #expect(sent == (user == Self.logs ? 4 : 2))
    }

    @Test("a process is a user's by its real or its saved user", arguments: ["--ruid", "--euid"])
    func realAndSaved(option: String) throws {
      let child = try Child(["setpriv", "\(option)=\(Self.logs)", "--clear-groups", "sleep", "60"], Self.logs)
      try write("\(child.process)\n", owner: Self.logs)
      #expect(signal() == nil)
      #expect(child.end() == SIGUSR1)
    }

    @Test("a file of root is accepted in a directory of another user; opening a pipe in its place does not wait")
    func directories() throws {
      try #require(unsafe chown(scratch.path, Self.stranger, Self.stranger) == 0)
      let child = try Child(Self.root)
      try write("\(child.process)\n")
      #expect(signal() == nil)
      #expect(child.end() == SIGUSR1)
      _ = unsafe unlink(path)
      try #require(unsafe mkfifo(path, 0o644) == 0)
      #expect(signal() == "\(path) is not a regular file")
    }

    @Test("a link to the directory is followed only if root alone can change it")
    func linkedDirectories() throws {
      let (linked, child) = ("\(scratch.path)/linked", try Child(Self.root))
      try #require(unsafe symlink(".", linked) == 0)
      try write("\(child.process)\n")
      try #require(unsafe lchown(linked, Self.stranger, Self.stranger) == 0)
      #expect(
        signal(path: "\(linked)/app.pid")
          == "\(linked) contains a symbolic link that users other than root can change: write the directory it leads to"
      )
      try #require(unsafe lchown(linked, 0, 0) == 0)
      #expect(signal(path: "\(linked)/app.pid") == nil)
      #expect(child.end() == SIGUSR1)
    }

    @Test(
      "a refusal names who may own the file",
      arguments: [
        ([], "root"), ([0], "root"), ([33], "root or the owner of the log (user 33)"),
        ([0, 34, 33], "root or an owner of the logs (users 33, 34)"),
        (Set(1...7), "root or an owner of the logs (users 1, 2, 3, 4, 5 and 2 more)"),
      ] as [(Set<UInt32>, String)])
    func expectations(users: Set<UInt32>, words: String) throws {
      try write("\(getpid())\n", owner: Self.stranger)
      #expect(signal(users, 0) == "\(path) belongs to user 44444 and not to \(words)")
    }

    @Test("a file without a number and one that is missing are no refusals")
    func numbers() throws {
      for text in ["", "x", "0", "1\n", "-5", "99999999999"] {
        try write(text)
        #expect(signal(path: path) == "it contains no process id", "\(text)")
      }
      _ = unsafe unlink(path)
      #expect(signal() == "\(Errno.noEntry)")
    }

    @Test("a process that has started after the file was written is not the one that the file means")
    func stale() throws {
      let child = try Child(Self.root)
      try write("\(child.process)\n")
      let hourAgo = Array(repeating: timespec(tv_sec: time(nil) - 3600, tv_nsec: 0), count: 2)
      try #require(unsafe utimensat(AT_FDCWD, path, hourAgo, 0) == 0)
      #expect(signal() == "\(Errno.noProcess)")
      #expect(child.end(by: SIGKILL) == SIGKILL)
    }
  }
}

/// A child of another user, which sleeps.
private final class Child {
  let process: pid_t
  let user: uid_t
  private var hasEnded = false

  convenience init(_ user: uid_t) throws {
    try self.init(["setpriv", "--reuid=\(user)", "--clear-groups", "sleep", "60"], user)
  }

  init(_ arguments: [String], _ user: uid_t) throws {
    self.user = user
    let null = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    var vector = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe vector.indices { unsafe free(vector[index]) } }
    var process: pid_t = 0
    let code = unsafe linux_spawn(&vector, environ, null, null, null, &process)
    try #require(code == 0)
    self.process = process
    // The user is changed before the program is.
    for _ in 0..<2000 {
      if try FileText.read("/proc/\(process)/comm") == "sleep\n" { return }
      usleep(5000)
    }
    Issue.record("the child of user \(user) does not sleep")
  }

  deinit { _ = end(by: SIGKILL) }

  /// Waits for the end, after a signal if there is one; returns the signal by which it has ended, nil for none.
  func end(by signal: Int32? = nil) -> Int32? {
    guard !hasEnded else { return nil }
    if let signal { kill(process, signal) }
    var status: Int32 = 0
    for _ in 0..<2000 {
      if unsafe waitpid(process, &status, WNOHANG) == process {
        hasEnded = true
        return status & 0x7F
      }
      usleep(5000)
    }
    return nil
  }
}
