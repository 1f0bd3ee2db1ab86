internal import CLinux

/// The arguments with which this process was started.
package enum ProcessArguments {
  /// All of them, the program's own name first.
  package static let all: [String] = (0..<Int(linux_argument_count())).compactMap { index in
    unsafe linux_arguments()?[index].map { unsafe String(cString: $0) }
  }
}
