import Rotation
import Timekeeping

extension SettingsReader {
  /// The value of a key of `JobKey.schedules`; nil where it is false, or wrong, which is reported.
  func schedule(_ index: Int, _ key: JobKey) -> Schedule? {
    let node = document.nodes[index]
    switch key {
    case .every: return span(node, key).map { .interval($0) }
    case .daily:
      return timeOfDay(node).map { time in
        .calendar(calendars.schedule("daily at \(time)") { [CalendarExpression(daily: time)] })
      }
    case .calendar: return calendar(index).map { .calendar($0) }
    case .hourly, .weekly, .monthly, .yearly: return shorthand(node, key).map { .calendar($0) }
    default: preconditionFailure("\(key.rawValue) is no schedule")
    }
  }

  /// Reports that a table has more than one schedule. `daily = false` and its like are none.
  func refuseTwoSchedules(_ table: Int, _ settings: JobSettings, _ owner: Owner) {
    guard JobKey.schedules.count(where: { settings.given.contains($0) }) > 1 else { return }
    let nodes = document.children(of: table).map { document.nodes[$0] }
      .filter { node in !node.value.isFalse && JobKey.schedules.contains { $0.rawValue == node.key } }
    guard let last = nodes.last, nodes.count > 1 else { return }
    let names = JobKey.schedules.map(\.rawValue).filter { name in nodes.contains { $0.key == name } }
    findings.error(
      "\(owner) has \(names.count == 2 ? "two" : "\(names.count)") schedules, \(Wording.list(names)); allowed is one",
      at: last.keyPlace,
      hint: "make jobs of their own of them, or write a list: `calendar = [\"hourly\", \"Mon 02:30\"]`")
  }

  /// The span of `jitter`, which may be nothing.
  func jitter(_ node: Document.Node) -> Span? { span(node, .jitter, in: .zero...Limits.longestJitter) }

  // MARK: - Calendars

  private func shorthand(_ node: Document.Node, _ key: JobKey) -> CalendarSchedule? {
    let name = key.rawValue
    guard case .boolean(let isOn) = node.value else {
      let example = key == .weekly ? "Mon 02:30" : key == .monthly ? "*-*-01 02:30" : "*-01-01 02:30"
      refuse(
        node, name, allowed: "true or false, without quotes",
        hint: key == .hourly
          ? "for other minutes of the hour write `calendar = \"*:30\"`" : "for a time write `calendar = \"\(example)\"`"
      )
      return nil
    }
    guard isOn, let expression = try? calendars.expression(name) else { return nil }
    return calendars.schedule(name) { [expression] }
  }

  private func calendar(_ index: Int) -> CalendarSchedule? {
    let node = document.nodes[index]
    var expressions: [CalendarExpression?] = []
    var texts: [String] = []
    switch node.value {
    case .string(let text):
      texts = [text]
      expressions = [expression(text, node.place)]
    case .array:
      for child in document.children(of: index) {
        let element = document.nodes[child]
        guard case .string(let text) = element.value else {
          expressions.append(nil)
          findings.error(
            "`calendar` holds \(Wording.described(element.value)); allowed are calendar expressions in quotes",
            at: element.place)
          continue
        }
        texts.append(text)
        expressions.append(expression(text, element.place))
      }
      if expressions.isEmpty {
        findings.error("`calendar` is an empty list; allowed is one expression, or more", at: node.place)
      }
    default:
      refuse(
        node, "calendar", allowed: "a calendar expression in quotes, or a list of them",
        hint: "write it as `calendar = \"Mon..Fri 22:30\"`")
    }
    let sound = expressions.compactMap(\.self)
    guard !sound.isEmpty, sound.count == expressions.count else { return nil }
    return calendars.schedule("calendar " + texts.joined(separator: "; ")) { sound }
  }

  private func expression(_ text: String, _ place: Place) -> CalendarExpression? {
    do throws(CalendarError) {
      let expression = try calendars.expression(text)
      if expression.next(after: WallTime(seconds: 0), in: .utc) != nil { return expression }
      findings.error("`calendar` is \(Wording.quoted(text)): there is no such day up to the year 2199", at: place)
    } catch {
      findings.error(
        "`calendar` is \(Wording.quoted(text)); allowed here is \(error.expected)",
        at: findings.source.place(inString: text, at: place, offset: error.column - 1),
        hint: "systemd.time(7) has the grammar, `rotatectl calendar` shows what an expression means")
    }
    return nil
  }

  private func timeOfDay(_ node: Document.Node) -> TimeOfDay? {
    let allowed = "true, false or a time \"HH:MM\" or \"HH:MM:SS\" in quotes, up to 23:59:59"
    switch node.value {
    case .boolean(let isDaily):
      return isDaily ? .midnight : nil
    case .string(let text):
      if let time = TimeOfDay(text) { return time }
      refuse(node, "daily", allowed: allowed)
    case .time:
      let word = findings.source.word(at: node.place)
      refuse(
        node, "daily", allowed: allowed, hint: TimeOfDay(word) == nil ? nil : "quote it: `daily = \"\(word)\"`")
    default:
      refuse(node, "daily", allowed: allowed)
    }
    return nil
  }
}
