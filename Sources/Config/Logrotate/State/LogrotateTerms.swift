package import Rotation

/// What a stanza says beside what its job does: when a log is due by the time of its last rotation, and what is run around a rotation.
package struct LogrotateTerms: Hashable, Sendable {
  /// What makes a log due.
  package enum Criterion: Hashable, Sendable {
    case hourly, daily, yearly
    /// 0 is Sunday; 7 is seven days after the last rotation.
    case weekly(Int)
    /// nil: when the month is another.
    case monthly(Int?)
    case minutes(Int64)
    /// At least this many bytes.
    case size(Int64)
  }

  /// What makes a log due by time or size.
  package var criterion: Criterion
  /// Bytes.
  package var minSize: Int64?
  /// Bytes.
  package var maxSize: Int64?
  /// Days.
  package var minAge: Int64?
  /// Whether an empty log is rotated.
  package var rotatesEmpty: Bool
  /// Whether a missing log is no error.
  package var mayBeMissing: Bool
  /// Whether a log with a second name is rotated.
  package var takesHardLinks: Bool
  /// Whether scripts run once for all logs, and an error of one log holds up all.
  package var isShared: Bool
  /// The text before the `{`, which scripts get.
  package var pattern: ExactText
  /// The script before all others.
  package var firstAction: ExactText?
  /// The script before a rotation.
  package var prerotate: ExactText?
  /// The script after a rotation.
  package var postrotate: ExactText?
  /// The script after all others.
  package var lastAction: ExactText?
  /// The script that mails each log that was rotated.
  package var mail: ExactText?

  init(_ stanza: LogrotateStanza, mail: ExactText?) {
    self.mail = mail
    let settings = stanza.settings
    func script(_ directive: LogrotateDirective) -> ExactText? {
      settings.scripts[directive].map { ExactText(bytes: $0.body) }
    }
    criterion = settings.criterion
    (minSize, maxSize, minAge) = (settings.minSize, settings.maxSize, settings.minAge)
    rotatesEmpty = settings.has(.ifempty)
    mayBeMissing = settings.has(.missingok)
    takesHardLinks = settings.has(.allowhardlink)
    isShared = settings.has(.sharedscripts)
    pattern = ExactText(bytes: stanza.text)
    (firstAction, prerotate) = (script(.firstaction), script(.prerotate))
    (postrotate, lastAction) = (script(.postrotate), script(.lastaction))
  }
}
