internal import CSystemd
internal import Daemon
internal import Glibc
internal import Rotation

/// One report as an entry of the journal (systemd.journal-fields(7)), sent by sd_journal_sendv(3).
struct JournalEntry {
  /// `NAME=value`, with the value unchanged and a path by its bytes: libsystemd frames values with newlines.
  let fields: [ExactText]

  init(_ report: Report) {
    var fields: [ExactText] = [
      "MESSAGE=\(report.message)",
      "MESSAGE_ID=\(report.kind.messageID)",
      "PRIORITY=\(report.priority.rawValue)",
      "SYSLOG_IDENTIFIER=rotated",
    ]
    if let errno = report.errno { fields.append("ERRNO=\(errno.code)") }
    if let job = report.job { fields.append("ROTATED_JOB=\(job)") }
    if let log = report.log { fields.append("ROTATED_LOG=\(log)") }
    if let archive = report.archive { fields.append("ROTATED_ARCHIVE=\(archive)") }
    if let bytes = report.bytes { fields.append("ROTATED_BYTES=\(bytes)") }
    if let reason = report.reason { fields.append("ROTATED_REASON=\(reason)") }
    if let removed = report.removed { fields.append("ROTATED_REMOVED=\(removed)") }
    self.fields = fields
  }

  /// Sends the entry; false if the journal refuses it. libsystemd reports success if there is no journal at all, and
  /// waits while the journal's socket is full, as for every service with a journal.
  func send() -> Bool {
    // One buffer for all fields, since the vector points into it.
    let texts = fields.map(\.bytes)
    var bytes = texts.flatMap { $0 }
    return unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: texts.count) { vector in
        var start = 0
        for (index, text) in texts.enumerated() {
          let base = unsafe buffer.baseAddress?.advanced(by: start)
          unsafe vector.initializeElement(at: index, to: iovec(iov_base: base, iov_len: text.count))
          start += text.count
        }
        return unsafe sd_journal_sendv(vector.baseAddress, Int32(texts.count)) == 0
      }
    }
  }
}

extension Report.Kind {
  /// The message id of the kind, with which `journalctl` finds entries and the catalog (systemd/rotated.catalog)
  /// explains them. It never changes.
  package var messageID: String {
    switch self {
    case .started: "20027a2644674bb4aa2047e7c8f534b8"
    case .notStarted: "c3244797ee124798ad2c36c89afd7a12"
    case .reloaded: "bc5beab9ef7f45489f4c8d8af043a108"
    case .stopped: "a5249e384e884c999bef782ca9bc78f1"
    case .rotated: "aa14a573af2640859ab5aa1b9f5b0913"
    case .notified: "3d9c1f0b7e5a4c6e9b2d48a6f1730ce5"
    case .hookFailed: "8f27b6d4c0134e7d8a95d2e3609bf1c4"
    case .rotators: "cfe116d64f944bed8b3e08c0a7210069"
    case .recovered: "e12045be8a874342998facc6945a508a"
    case .failed: "41bc3780ec20413696425109abef517e"
    case .configRejected: "e580d5c54693461f88b5304e7077ca55"
    case .compressed: "5e0cbf9f4b7f4e2f8f3a0f6d1c7be9a4"
    case .removed: "14949673ed5a4a21835bd60bbe05798b"
    case .lowSpace: "13cb3cb45c9942a495544d8d631e8d6f"
    case .madeRoom: "6d98bc3edec44bb3a556f092505bac2a"
    case .stateRebuilt: "a10dbd915271477d993ca954c13cdaa2"
    case .ran: "66b5ad8ba92e47adb4d6624c787c4dd3"
    case .moved: "8dcceb4dde1d4518b7c5d291a2244004"
    case .undone: "c4a3d9ff9d934c05bdc089d0e00cebf7"
    case .skipped: "3b4c58382e624f9cb2990ca834ff2293"
    case .resolved: "007ec2306e6e48fc90515782abd9db29"
    case .zoneChanged: "d94361a744c14e5996006e4b54f96e89"
    case .output: "483b515d89b9449c94c00c9faba877ef"
    case .note: "0271cefc6c3e482e963d7e0e43a19245"
    }
  }
}
