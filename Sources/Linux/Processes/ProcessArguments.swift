internal import CLinux

/// What this process was started with, wherever it lies in memory.
package enum ProcessArguments {
  /// All of it, the program's own name first.
  package static let all: [String] = (0..<Int(linux_argument_count())).compactMap { index in
    unsafe linux_arguments()?[index].map { unsafe String(cString: $0) }
  }
}
