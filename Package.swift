// swift-tools-version: 6.2
import PackageDescription

/// One set of rules for every Swift target: Swift 6 mode, warnings as errors, and the upcoming features that
/// keep isolation and imports explicit.
let rules: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("ImmutableWeakCaptures"),
  // Regular expressions are imported everywhere unless one says no: a megabyte of a daemon that has none.
  .unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"]),
]

/// In the program itself every unsafe call is marked. The tests of the built program are system calls throughout.
let strict = rules + [.strictMemorySafety()]

/// What the simulated world runs is optimized in debug builds, too: the tests live whole months in it.
let optimized = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Optimized for size in release builds: a megabyte less, for 2 % of the time of a rotation. The planner and the loop would save
/// another tenth of that, and cost more than the rest together.
let small: [SwiftSetting] = [.unsafeFlags(["-Osize"], .when(configuration: .release))]

let package = Package(
  name: "rotated",
  products: [
    .executable(name: "rotated", targets: ["rotated"]),
    .executable(name: "rotatectl", targets: ["rotatectl"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // Kernel calls and macros that Swift cannot see. Never define _GNU_SOURCE in the header: it breaks
    // the Glibc module in debug builds.
    .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .target(name: "CTOML"),

    .target(name: "Timekeeping", swiftSettings: optimized + small),
    .target(name: "EventLoop", dependencies: ["Timekeeping", "CLinux"], swiftSettings: optimized),
    .target(name: "Rotation", dependencies: ["Timekeeping"], swiftSettings: optimized),
    .target(name: "Config", dependencies: ["Rotation", "Timekeeping", "CTOML"], swiftSettings: strict + small),
    .target(
      name: "Control", dependencies: ["Rotation", "Timekeeping"], exclude: ["org.rotated.Manager.varlink"],
      swiftSettings: strict + small),
    .target(
      name: "Daemon", dependencies: ["Config", "Control", "Rotation", "EventLoop", "Timekeeping"],
      swiftSettings: optimized + small),
    .target(
      name: "Linux",
      dependencies: ["Daemon", "Control", "Rotation", "EventLoop", "Timekeeping", "Config", "CLinux", "CSystemd"],
      swiftSettings: strict + small),
    .executableTarget(
      name: "rotated", dependencies: ["Daemon", "Config", "Rotation", "EventLoop", "Timekeeping", "Linux", "CLinux"],
      swiftSettings: strict + small),
    .executableTarget(
      name: "rotatectl",
      dependencies: [
        "Control", "Daemon", "Config", "Rotation", "EventLoop", "Timekeeping", "Linux",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict + small),

    .target(
      name: "Simulation", dependencies: ["Daemon", "Config", "Rotation", "EventLoop", "Timekeeping"],
      path: "Tests/Simulation",
      swiftSettings: optimized),
    .testTarget(name: "RotationTests", dependencies: ["Rotation", "Timekeeping"], swiftSettings: strict),
    .testTarget(name: "ConfigTests", dependencies: ["Config", "Rotation", "Timekeeping"], swiftSettings: strict),
    .testTarget(
      name: "ControlTests", dependencies: ["Control", "Rotation", "Timekeeping"], exclude: ["Golden"],
      swiftSettings: strict),
    .testTarget(
      name: "EventLoopTests", dependencies: ["EventLoop", "Simulation", "Timekeeping"], swiftSettings: strict),
    .testTarget(
      name: "SimulationTests",
      dependencies: ["Simulation", "Daemon", "Control", "Config", "Rotation", "EventLoop", "Timekeeping"],
      swiftSettings: strict),
    .testTarget(
      name: "LinuxTests",
      dependencies: [
        "Linux", "Simulation", "Daemon", "Config", "Rotation", "EventLoop", "Timekeeping", "CLinux",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ProgramTests", dependencies: ["rotated", "rotatectl", "CLinux"], exclude: ["schema.py"],
      swiftSettings: rules),
    .testTarget(name: "StyleTests", swiftSettings: strict),
  ],
  cxxLanguageStandard: .cxx17
)
