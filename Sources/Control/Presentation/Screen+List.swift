internal import Rotation

extension Screen {
  /// `rotatectl list`: when which job is due, the next first.
  package mutating func list(_ jobs: [Wire.Job]) {
    var table = timetable()
    table.column("JOB", .text(to: 10))
    table.column("REASON", .text(to: 16))
    for job in jobs.sorted(by: { ($0.next.nanoseconds, $0.name) < ($1.next.nanoseconds, $1.name) }) {
      table.row(times(job.next, next(job), job.last) + [cell(job.name), cell(job.next?.reason ?? "-")])
    }
    add(table)
    if legend { add(count(Int64(jobs.count), "job"), .dim) }
  }

  /// `rotatectl list --logs`: the same of logs.
  package mutating func list(_ logs: [Wire.Log]) {
    var table = timetable()
    table.column("SIZE", .goes(4))
    table.column("LOG", .path(to: 20))
    table.column("JOB", .goes(5))
    table.column("REASON", .text(to: 16))
    for log in logs.sorted(by: { ($0.next.nanoseconds, $0.path) < ($1.next.nanoseconds, $1.path) }) {
      let size = log.bytes == nil ? cell("no file", .dim) : size(log.bytes, of: log.limitBytes)
      table.row(
        times(log.next, due(log.next), log.last)
          + [size, cell(log.path.printable), cell(log.job), cell(log.next?.reason ?? "-")])
    }
    add(table)
    if legend { add(count(Int64(logs.count), "log"), .dim) }
  }

  private func timetable() -> Table {
    var table = Table()
    table.column("NEXT", .goes(1))
    table.column("LEFT")
    table.column("LAST", .goes(3))
    table.column("PASSED", .goes(2))
    return table
  }

  private func times(_ next: Wire.Due?, _ left: Cell, _ last: Wire.Rotated?) -> [Cell] {
    [
      cell(next?.at.map(date) ?? "-"), left, cell(last.map { date($0.at) } ?? "-", .dim),
      cell(last.map { distance($0.at) } ?? "never", .dim),
    ]
  }
}
