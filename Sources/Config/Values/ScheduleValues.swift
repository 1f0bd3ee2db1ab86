import Rotation
import Timekeeping

extension SettingsReader {
  /// The value of `daily`: true, false or a time of day.
  func daily(_ field: Field) -> Schedule? {
    timeOfDay(field).map { time in
      .calendar(calendars.schedule("daily at \(time)") { [CalendarExpression(daily: time)] })
    }
  }

  /// The value of a key with the name of a calendar expression: true or false.
  func shorthand(_ field: Field, hint: String) -> Schedule? {
    guard case .boolean(let isOn) = field.node.value else {
      refuse(field, allowed: "true or false, without quotes", hint: hint)
      return nil
    }
    guard isOn, let expression = try? calendars.expression(field.name) else { return nil }
    return .calendar(calendars.schedule(field.name) { [expression] })
  }

  /// Each full hour, as `hourly = true`.
  func hourly() -> Schedule? {
    (try? calendars.expression("hourly")).map { hourly in .calendar(calendars.schedule("hourly") { [hourly] }) }
  }

  /// The value of `calendar`: an expression, or a list of them.
  func calendar(_ field: Field) -> CalendarSchedule? {
    var expressions: [CalendarExpression?] = []
    var texts: [String] = []
    switch field.node.value {
    case .string(let text):
      texts = [text]
      expressions = [expression(text, field.node.place)]
    case .array:
      for element in elements(of: field) {
        guard case .string(let text) = element.node.value else {
          expressions.append(nil)
          findings.error(
            "`calendar` contains \(Wording.described(element.node.value)); expected calendar expressions in quotes",
            at: element.node.place)
          continue
        }
        texts.append(text)
        expressions.append(expression(text, element.node.place))
      }
      if expressions.isEmpty {
        findings.error("`calendar` is an empty list; expected at least one expression", at: field.node.place)
      }
    default:
      refuse(
        field, allowed: "a calendar expression in quotes, or a list of them",
        hint: "write it as `calendar = \"Mon..Fri 22:30\"`")
    }
    let sound = expressions.compactMap(\.self)
    guard !sound.isEmpty, sound.count == expressions.count else { return nil }
    return calendars.schedule("calendar " + texts.joined(separator: "; ")) { sound }
  }

  private func expression(_ text: String, _ place: Position) -> CalendarExpression? {
    do throws(CalendarError) {
      let expression = try calendars.expression(text)
      if expression.next(after: WallTime(seconds: 0), in: .utc) != nil { return expression }
      findings.error("`calendar` is \(Wording.quoted(text)): no day before the year 2200 matches it", at: place)
    } catch {
      findings.error(
        "`calendar` is \(Wording.quoted(text)); expected \(error.expected)",
        at: findings.source(of: place).place(inString: text, at: place, offset: error.column - 1),
        hint: "systemd.time(7) describes the syntax; `rotatectl calendar` shows what an expression means")
    }
    return nil
  }

  private func timeOfDay(_ field: Field) -> TimeOfDay? {
    let allowed = "true, false or a time \"HH:MM\" or \"HH:MM:SS\" in quotes, up to 23:59:59"
    switch field.node.value {
    case .boolean(let isDaily):
      return isDaily ? .midnight : nil
    case .string(let text):
      if let time = TimeOfDay(text) { return time }
      refuse(field, allowed: allowed)
    case .time:
      let word = findings.source(of: field.node.place).word(at: field.node.place)
      refuse(field, allowed: allowed, hint: TimeOfDay(word) == nil ? nil : "quote it: `daily = \"\(word)\"`")
    default:
      refuse(field, allowed: allowed)
    }
    return nil
  }
}
