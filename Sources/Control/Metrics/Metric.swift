/// A metric by its name in Prometheus, and what it counts.
package struct Metric: Hashable, Sendable {
  package let name: String
  package let help: String

  private init(_ name: String, _ help: String) { (self.name, self.help) = ("rotated_" + name, help) }

  /// Of the program.
  package static let buildInfo = Metric("build_info", "The version of the program, as a label.")
  package static let configInfo = Metric("config_info", "The SHA-256 of the config in force, as a label.")
  package static let lastReload = Metric(
    "config_last_reload_success_timestamp_seconds", "When a config was last taken.")
  package static let configRejected = Metric(
    "config_rejected",
    "1 while the config on disk is not in force, as it was refused or its trial was not confirmed, else 0.")
  package static let loopLag = Metric(
    "loop_lag_seconds_max", "The longest that a ready task has waited since the start.")
  package static let keepFree = Metric(
    "filesystem_keep_free_ratio", "Free room over what keep-free asks for, by directory; below 1 archives are removed.")
  /// Of a job, or of a log.
  package static let lastSuccess = Metric(
    "job_last_success_timestamp_seconds", "When all logs that were due were last rotated.")
  package static let nextDue = Metric("job_next_due_timestamp_seconds", "When the job is due next.")
  package static let rotations = Metric("rotations_total", "Rotations, by reason.")
  package static let failures = Metric("failures_total", "Failures, by step and errno.")
  package static let rotatedBytes = Metric("rotated_bytes_total", "Bytes of logs that were rotated.")
  package static let writtenBytes = Metric("written_bytes_total", "Bytes that writers have written to logs.")
  package static let compressedIn = Metric("compressed_in_bytes_total", "Bytes that compressors have read.")
  package static let compressedOut = Metric("compressed_out_bytes_total", "Bytes that compressors have written.")
  package static let removedFiles = Metric("removed_files_total", "Archives that were removed, by reason.")
  package static let removedBytes = Metric("removed_bytes_total", "Room on disk of removed archives, by reason.")
  package static let removedUnread = Metric(
    "removed_unread_bytes_total", "Bytes of removed archives that a reader still had to read.")
  package static let archives = Metric("archives", "Archives.")
  package static let archiveBytes = Metric("archives_bytes", "Room on disk of archives.")
  package static let budget = Metric("budget_bytes", "The room that archives may take (max-total).")
  package static let held = Metric("held_archives", "Archives that are held, by writer, reader, hook or hold.")
  package static let unread = Metric("unread_bytes", "Bytes of archives that a reader has still to read, by comm.")
  package static let overshoot = Metric(
    "overshoot_bytes_max", "The most by which a log was over its size limit when it was rotated.")
  package static let late = Metric("late_seconds_max", "The longest by which a rotation was late.")

  /// All of them, in the order in which they are written.
  package static let all = [
    buildInfo, configInfo, lastReload, configRejected, loopLag, keepFree, lastSuccess, nextDue, rotations, failures,
    rotatedBytes,
    writtenBytes, compressedIn, compressedOut, removedFiles, removedBytes, removedUnread, archives, archiveBytes,
    budget,
    held, unread, overshoot, late,
  ]
}
