/// Which directives of a stanza cannot be carried out, and what is done instead. Where logrotate would leave the log as it is, the
/// stanza is not used.
struct LogrotateEffects {
  let settings: LogrotateSettings
  let findings: Findings

  /// Whether the logs of the stanza are not rotated.
  var leavesLogs: Bool { settings.has(.copy) && !settings.has(.copytruncate) }

  /// Warns of each directive without an effect, once for each place.
  func warn(_ stanza: LogrotateStanza, _ warned: inout Set<Position>) {
    for (directive, message) in messages {
      guard let place = settings.places[directive], warned.insert(place).inserted else { continue }
      findings.warning("directive `\(directive.rawValue)` \(message)", at: place)
    }
    if leavesLogs {
      findings.warning("the logs of this stanza are not rotated, because of `copy`", at: stanza.place)
    }
  }

  private var messages: [(LogrotateDirective, String)] {
    var messages: [(LogrotateDirective, String)] = [
      (.nomissingok, "has no effect: a missing log is no error"),
      (.errors, "has no effect"),
    ]
    if leavesLogs {
      messages.append((.copy, "cannot be carried out without `copytruncate`: the log would not stay as it is"))
    }
    return messages
  }
}
