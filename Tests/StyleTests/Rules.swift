import Testing

/// What the house asks of its sources beyond what the compiler and `swift format` hold.
struct Rule: CustomTestStringConvertible, Sendable {
  /// What is true where the rule is kept.
  let testDescription: String
  /// Whether the rule is for this file.
  var covers: @Sendable (SourceFile) -> Bool = { _ in true }
  /// The lines that break it.
  let findings: @Sendable (SourceFile) -> [Int]

  static let all = [
    lightImports, pureTargets, tasksOnLoop, nothingOpen, shortFiles, shortBodies, described, tellingNames, noSleep,
  ]

  /// `rotatectl` is free: swift-argument-parser brings Foundation along anyhow.
  static let lightImports = Rule(
    testDescription: "nothing imports a module that starts threads or adds megabytes",
    covers: { $0.target != "rotatectl" },
    findings: { $0.imports(of: ["Foundation", "FoundationEssentials", "Dispatch", "Subprocess"]) })

  /// That a target imports only what Package.swift gives it is held by the build; the C library is there for everybody.
  static let pureTargets = Rule(
    testDescription: "what is pure does not see the C library",
    covers: { ["Timekeeping", "Rotation", "Config", "Daemon", "Simulation"].contains($0.target) },
    findings: { $0.imports(of: ["Glibc"]) })

  static let tasksOnLoop = Rule(
    testDescription: "no task leaves the loop: each starts with Task(executorPreference: loop)",
    covers: { $0.path.hasPrefix("Sources/") || $0.target == "Simulation" },
    findings: { file in
      file.numbers { $0.followers(of: "Task").contains(where: leavesLoop) }
    })

  /// What follows the word `Task`.
  private static func leavesLoop(_ rest: Substring) -> Bool {
    if rest.hasPrefix(".") {
      return ["detached", "sleep", "immediate", "immediateDetached", "init"].contains(rest.words.first ?? "")
    }
    // Result types of a task are simple: no comparison and no arrow is among them.
    let call = rest.hasPrefix("<") ? rest.drop { $0 != ">" }.dropFirst() : rest
    if call.hasPrefix("(") { return !call.words.contains("executorPreference") }
    return call.drop { $0 == " " }.hasPrefix("{")
  }

  static let nothingOpen = Rule(
    testDescription: "nothing is left open, and a trap says what went wrong",
    covers: { $0.target != "StyleTests" },
    findings: { file in
      file.numbers { line in ["TODO", "FIXME", "fatalError()"].contains { line.text.contains($0) } }
    })

  static let shortFiles = Rule(
    testDescription: "no file is longer than 300 lines", findings: { $0.lines.count > 300 ? [301] : [] })

  static let shortBodies = Rule(
    testDescription: "every function fits on a screen: less than 60 lines between its braces",
    findings: { file in
      file.lines.indices.filter { file.bodyLength($0) ?? 0 >= 60 }.map { $0 + 1 }
    })

  /// An initializer is free, as its parameters are the properties, and so is an operator, and so is what fulfils a requirement
  /// of a protocol, where it is described. `swift format` asks this of `public` declarations only.
  static let described = Rule(
    testDescription: "what other targets see is described",
    covers: { $0.path.hasPrefix("Sources/") },
    findings: { file in
      file.lines.indices.filter { index in
        guard let declaration = Declaration(file.lines[index]), declaration.isShared, declaration.isNamed,
          !SourceTree.requirements.contains(declaration.name)
        else { return false }
        return !file.isDescribed(index, isProperty: ["var", "let"].contains(declaration.kind))
      }.map { $0 + 1 }
    })

  static let tellingNames = Rule(
    testDescription: "no type has a name that says nothing",
    findings: { file in
      let vague: Set = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Base"]
      let kinds: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "typealias"]
      return file.numbers { line in
        // systemd calls itself a service manager, and its port and what implements it are called so, too.
        guard let type = Declaration(line), kinds.contains(type.kind), !type.name.hasSuffix("ServiceManager") else {
          return false
        }
        return parts(of: type.name).contains(where: vague.contains)
      }
    })

  /// `LinuxFileSystem` as Linux, File, System.
  private static func parts(of name: Substring) -> [String] {
    name.reduce(into: []) { parts, letter in
      if letter.isUppercase || parts.isEmpty { parts.append("") }
      parts[parts.count - 1].append(letter)
    }
  }

  /// Those of adapters and of the built programs wait for a kernel; all others have a clock of their own.
  static let noSleep = Rule(
    testDescription: "no test sleeps but those of adapters and of the built programs",
    covers: { $0.path.hasPrefix("Tests/") && !["LinuxTests", "ProgramTests", "StyleTests"].contains($0.target) },
    findings: { file in
      file.numbers { line in
        ["usleep", "nanosleep", "clock_nanosleep"].contains { call in
          line.followers(of: call).contains { $0.hasPrefix("(") }
        }
      }
    })
}

extension SourceFile {
  /// The lines that import one of these modules, or a declaration of one, under any modifier.
  fileprivate func imports(of modules: Set<Substring>) -> [Int] {
    numbers { line in
      guard let declaration = Declaration(line), declaration.kind == "import" else { return false }
      return line.code.words.contains(where: modules.contains)
    }
  }
}
