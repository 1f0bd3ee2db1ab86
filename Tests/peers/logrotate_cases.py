"""Cases for logrotate_differential.py: stanzas, directories of logs and archives, and entries of a state file, at random."""
import bz2
import datetime
import gzip
import lzma
import os

OPENERS = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
SUFFIXES = {"gzip": ".gz", "bzip2": ".bz2", "xz": ".xz"}
UNCOMPRESSORS = {".bz2": "bunzip2", ".xz": "unxz"}


# The days on which the clocks of the zone go back, from three to two, and forward, from two to three.
AUTUMN, SPRING = datetime.date(2025, 10, 26), datetime.date(2026, 3, 29)


class Case:
    """A stanza with the directory that it is about."""

    def __init__(self, chance, number, directory, now, forced):
        self.chance, self.number, self.directory, self.now, self.forced = chance, number, directory, now, forced
        self.has = {}  # The directives, by name.
        self.files = []  # Path, content, mode, user, group, age in seconds.
        self.links = []  # Path, target, whether it is symbolic.
        self.state = {}
        self.traits = set()  # What is special, for the rows.
        self.choose()
        self.make_logs()
        self.text = self.stanza()

    # The stanza

    def choose(self):
        chance, has = self.chance, self.has
        pick = chance.choice
        kind = pick(["hourly", "daily", "daily", "weekly", "weekly", "monthly", "yearly", "size", "size", None])
        if kind == "weekly" and chance.random() < 0.4:
            has["weekly"] = str(chance.randint(0, 7))
        elif kind == "size":
            has["size"] = pick(["1", "100", "1k", "+2k", "0x400", "010", "1M"])
        elif kind:
            has[kind] = ""
        self.kind = kind
        self.keep = pick([0, 1, 1, 2, 3, 3, 4, 5, 7, -1])
        has["rotate"] = str(self.keep)
        self.suffix = ""
        if chance.random() < 0.5:
            has["compress"] = ""
            self.suffix = ".gz"
            if chance.random() < 0.3:
                tool = pick(list(SUFFIXES))
                has["compresscmd"] = pick([tool, f"/usr/bin/{tool}" if os.path.exists(f"/usr/bin/{tool}") else tool])
                self.suffix = SUFFIXES[tool]
            if chance.random() < 0.1:
                has["compressoptions"] = "-9"
        if chance.random() < 0.3:
            has["delaycompress"] = ""
        self.delays = "delaycompress" in has and "compress" in has
        way = pick(["", "", "create", "create", "create", "nocreate", "copytruncate", "renamecopy"])
        if way == "create":
            has["create"] = pick(["", "0640", "600", "0644 root adm", "nobody nogroup", "0660 nobody root"])
        elif way:
            has[way] = ""
        self.way = way
        self.dated = chance.random() < 0.3
        if self.dated:
            has["dateext"] = ""
            if chance.random() < 0.4:
                has["dateformat"] = pick(["-%Y-%m-%d", ".%Y%m%d", "-%Y%m%d-%H", "-%Y%m%d%H%M%S", "_%s", "-%Y.%m.%d"])
        if chance.random() < 0.2:
            has["extension"] = ".log"
        elif chance.random() < 0.05:
            has["addextension"] = ".log"
        if chance.random() < 0.15:
            has["olddir"] = pick(["old", f"{self.directory}/old"])
        for name, odds in (("missingok", 0.6), ("notifempty", 0.5), ("sharedscripts", 0.3)):
            if chance.random() < odds:
                has[name] = ""
        for name, values, odds in (
                ("minsize", ["1", "100", "1k"], 0.1), ("maxsize", ["100", "1k", "2k"], 0.1), ("minage", ["1", "3"], 0.1),
                ("maxage", ["2", "10", "400"], 0.12), ("start", ["0", "2", "5"], 0.04), ("mail", ["root", "ops@example.org"], 0.12)):
            if chance.random() < odds:
                has[name] = pick(values)
        for name in ("dateyesterday", "datehourago"):
            if self.dated and chance.random() < 0.05:
                has[name] = ""
        if "mail" in has:
            if chance.random() < 0.4:
                has["mailfirst"] = ""
            if self.suffix not in ("", ".gz"):
                has["uncompresscmd"] = UNCOMPRESSORS[self.suffix]
        for name, odds in (("shred", 0.05), ("ignoreduplicates", 0.03), ("allowhardlink", 0.2), ("copy", 0.03)):
            if chance.random() < odds:
                has[name] = ""
        self.scripts = {}
        for name, odds in (("prerotate", 0.15), ("postrotate", 0.4), ("firstaction", 0.1), ("lastaction", 0.1), ("preremove", 0.15)):
            if chance.random() < odds:
                code = pick([0, 0, 0, 0, 0, 1])
                self.scripts[name] = code

    def stanza(self):
        chance = self.chance
        names = self.patterns()
        quotes = [(name, chance.choice(["", "", '"', "'"]) or ('"' if " " in name else "")) for name in names]
        head = chance.choice([" ", "\n"]).join(quote + name + quote for name, quote in quotes)
        lines = []
        for name, value in self.has.items():
            mark = " = " if value and name not in ("create", "compressoptions", "weekly") and chance.random() < 0.1 else " "
            lines.append(f"  {name}{mark}{value}".rstrip())
        # Of a criterion, the last counts; what a command makes of the suffix comes after it.
        for name, code in self.scripts.items():
            to = "removed" if name == "preremove" else "script"
            lines.append(f'  {name}\n    echo "{name} [$1] [$2]" >> {self.directory}/trace/{to}\n    exit {code}\n  endscript')
        return f"{head} {{\n" + "\n".join(lines) + "\n}\n"

    def patterns(self):
        if not self.logs:
            return [f"{self.directory}/none.log"]
        if len(self.logs) > 1 and self.chance.random() < 0.5 and all(log.endswith(".log") for log in self.logs):
            self.traits.add("glob")
            return [f"{self.directory}/*.log"]
        return [f"{self.directory}/{log}" for log in self.logs]

    # The directory

    def make_logs(self):
        chance = self.chance
        names = chance.sample(["a.log", "b.log", "c.log", "plain", "d.txt", "with space.log"], chance.choice([1, 1, 1, 2, 3]))
        self.logs = names
        for name in names:
            path = f"{self.directory}/{name}"
            mode = chance.choice([0o600, 0o640, 0o644, 0o664])
            user, group = chance.choice([(0, 0), (0, 0), (0, 4), (65534, 65534)])
            what = chance.random()
            if what < 0.08:
                self.traits.add("missing")
            elif what < 0.11:
                self.links.append((path, "elsewhere", True))
                self.traits.add("symbolic link")
            else:
                size = chance.choice([0, 3, 50, 900, 1500, 5000, 1 << 20])
                text = (f"{name} of case {self.number}\n" * (size // 10 + 1))[:size]
                content = text[:-1] + "\n" if text else ""
                self.files.append((path, content.encode(), mode, user, group, chance.choice([0, 60, 90000, 300000, 900000])))
                if what < 0.13:
                    self.links.append((f"{self.directory}/second.{name}.name", path, False))
                    self.traits.add("hard link")
            self.make_state(path)
            self.make_archives(name, mode)

    def make_state(self, path):
        chance = self.chance
        if chance.random() < 0.12:
            return
        ago = chance.choice([0, 1, 5, 30, 70, 3 * 60, 10 * 60, 23 * 60, 25 * 60, 2 * 1440, 6 * 1440, 7 * 1440, 8 * 1440, 20 * 1440,
                             29 * 1440, 31 * 1440, 40 * 1440, 200 * 1440, 365 * 1440, 400 * 1440, 800 * 1440, -60, -23 * 60, -3 * 1440])
        last = self.now - datetime.timedelta(minutes=ago)
        if last.date() == SPRING and last.hour == 2:
            self.traits.add("skipped hour")
        if self.now.date() == SPRING and (SPRING - last.date()).days in (1, 7):
            self.traits.add("short day")
        self.state[path] = f"{last.year}-{last.month}-{last.day}-{last.hour}:{last.minute}:{last.second}"

    def archive(self, name, version):
        """The path of an archive without the suffix of a compression."""
        home = self.directory + ("/old" if "olddir" in self.has else "")
        ending = ""
        if "extension" in self.has and name.endswith(".log"):
            name, ending = name[:-4], ".log"
        if "addextension" in self.has:
            name, ending = name[:-4] if name.endswith(".log") else name, ".log"
        return f"{home}/{name}{version}{ending}"

    def make_archives(self, name, mode):
        chance = self.chance
        count = chance.choice([0, 0, 1, 2, 3, max(0, self.keep), max(0, self.keep) + 1, 6])
        messy = chance.random() < 0.1
        if count > max(self.keep, 0) and self.keep >= 0:
            self.traits.add("more than rotate")
        for index in range(1, count + 1):
            suffix = self.suffix
            if self.delays and index == 1:
                suffix = ""
            if messy and chance.random() < 0.4:
                if chance.random() < 0.5 and self.suffix:
                    suffix = "" if suffix else self.suffix
                    self.traits.add("other compression")
                else:
                    if index < count:
                        self.traits.add("gap")
                    continue
            age = index * chance.choice([86400, 86400, 3 * 86400]) + 50
            if self.dated:
                date = self.now - datetime.timedelta(seconds=index * 86400)
                if index == 1 and chance.random() < 0.1:
                    date = self.now
                version = self.date(date)
                if version >= self.date(self.named()):
                    self.traits.add("same date")
            else:
                version = f".{index + int(self.has.get('start', '1')) - 1}"
            text = f"archive {index} of {name} in case {self.number}\n".encode()
            self.files.append((self.archive(name, version) + suffix, text, mode, 0, 0, age))

    def named(self):
        """The moment that an archive is named by."""
        if "dateyesterday" in self.has:
            return (self.now - datetime.timedelta(days=1)).replace(hour=12)
        return self.now - datetime.timedelta(hours=1) if "datehourago" in self.has else self.now

    def date(self, date):
        form = self.has.get("dateformat") or ("-%Y%m%d%H" if self.kind == "hourly" else "-%Y%m%d")
        return date.strftime(form)

    # On disk

    def fill(self):
        os.makedirs(f"{self.directory}/trace")
        if "olddir" in self.has:
            os.mkdir(f"{self.directory}/old")
        stamp = self.now.timestamp()
        for path, content, mode, user, group, age in self.files:
            if os.path.exists(path):
                continue
            with OPENERS.get(os.path.splitext(path)[1], open)(path, "wb") as file:
                file.write(content)
            os.chmod(path, mode)
            os.chown(path, user, group)
            os.utime(path, (int(stamp - age), int(stamp - age)))
        for path, target, symbolic in self.links:
            if symbolic:
                os.symlink(target, path)
            else:
                os.link(target, path)

    def found(self):
        """What there is: names with their kinds, contents, modes and owners, times of archives, and what scripts were given."""
        names, contents, modes, owners, times = {}, {}, {}, {}, {}
        live = {f"{self.directory}/{log}" for log in self.logs}
        stamp = self.now.timestamp()
        known = {int(stamp - file[5]) * 10 ** 9 for file in self.files}
        for base, _, files in os.walk(self.directory):
            if base.endswith("/trace"):
                continue
            for file in files:
                path = f"{base}/{file}"
                name = path[len(self.directory) + 1:]
                if os.path.islink(path):
                    names[name] = "symbolic link"
                    continue
                status = os.stat(path)
                names[name] = "file"
                modes[name] = oct(status.st_mode & 0o7777)
                owners[name] = (status.st_uid, status.st_gid)
                if path not in live:
                    # What was written by the run has another time in each.
                    times[name] = status.st_mtime_ns if status.st_mtime_ns in known else "new"
                try:
                    with OPENERS.get(os.path.splitext(path)[1], open)(path, "rb") as stream:
                        contents[name] = stream.read()
                    # Row "`copytruncate` and the length of the log": the log may keep its length, as NUL bytes.
                    if (path in live or name.startswith("second.")) and self.way == "copytruncate":
                        contents[name] = contents[name].lstrip(b"\0")
                except (OSError, EOFError) as error:
                    contents[name] = str(error)
        return {"names": names, "contents": contents, "modes": modes, "owners": owners, "times": times, "scripts": self.trace("script"),
                "removals": self.removals(), "mails": sorted(self.trace(name) for name in os.listdir(f"{self.directory}/trace") if name.startswith("mail."))}

    def removals(self):
        """What `preremove` was given. Row "`preremove` and compression": logrotate runs it for the plain file of each compression, too."""
        lines = self.trace("removed").splitlines()
        return sorted(line for line in lines if "compress" not in self.has or f"{self.suffix}]" in line)

    def trace(self, name):
        """What the scripts of this name, or the mailer, have written down."""
        try:
            with open(f"{self.directory}/trace/{name}", errors="backslashreplace") as stream:
                return stream.read()
        except FileNotFoundError:
            return ""


class Row:
    """A row of the table of differences: the cases that it is about, and what may differ in them."""

    def __init__(self, name, frees, applies):
        self.name, self.frees, self.applies = name, set(frees), applies


FILES = ("names", "contents", "modes", "owners", "times", "removals", "mails")


def has(*names):
    return lambda case: all(name in case.has for name in names)


def trait(name):
    return lambda case: name in case.traits


def fails(*names):
    return lambda case: any(case.scripts.get(name) for name in names)


# The names are those of the rows of the table "Differences" in Logrotate.md.
ROWS = [
    Row("a gap in the numbers", FILES, lambda case: "gap" in case.traits and not case.dated),
    Row("archives of another compression", (*FILES, "errors"), trait("other compression")),
    Row("more archives than `rotate`", FILES, lambda case: "more than rotate" in case.traits),
    Row("a name that two archives would have", (*FILES, "scripts", "state", "errors"), trait("same date")),
    Row("a pattern that matches its own archives", (*FILES, "scripts", "state", "errors"),
        lambda case: "glob" in case.traits and ("extension" in case.has or "addextension" in case.has)),
    Row("`prerotate` that fails", (*FILES, "state"), fails("prerotate")),
    Row("`postrotate` that fails", FILES, fails("postrotate")),
    Row("`sharedscripts` with a log that fails", (*FILES, "state", "scripts"),
        lambda case: "sharedscripts" in case.has and "missing" in case.traits and "missingok" not in case.has),
    Row("a time that the clocks never showed", ("state",), trait("skipped hour")),
    # Where only one of the two rotates, the scripts of only one may fail.
    Row("a day on which the clocks change", (*FILES, "state", "scripts", "errors"),
        lambda case: "short day" in case.traits or case.now.date() in (AUTUMN, SPRING) and "dateyesterday" in case.has),
    Row("`rotate 0` with `copytruncate` or `copy`", ("errors", "removals", "mails"),
        lambda case: case.keep == 0 and (case.way == "copytruncate" or "copy" in case.has) and bool({"compress", "mail"} & set(case.has) or "preremove" in case.scripts)),
    Row("an archive that goes before it is compressed", (*FILES, "errors"),
        lambda case: "compress" in case.has and case.keep in ((0, 1) if case.delays else (0,))),
    Row("`maxage` with `mail` or `preremove`", ("removals", "mails"), has("maxage")),
    Row("`mail` or `preremove` that fails", (*FILES, "errors", "scripts", "state"),
        lambda case: bool(case.scripts.get("preremove")) or "mail" in case.has and "d.txt" in case.logs),
    Row("`rotate -1` with `start 0`", (*FILES, "errors"), lambda case: case.keep == -1 and case.has.get("start") == "0"),
    Row("`copy` with `renamecopy`", (*FILES, "errors"), lambda case: {"copy", "renamecopy"} <= set(case.has)),
    Row("times of copies", ("times",), lambda case: case.way in ("copytruncate", "renamecopy") or "copy" in case.has),
    Row("`shred` of a sparse file, or of one with another name that `allowhardlink` let in", ("contents", "times"),
        lambda case: "hard link" in case.traits and {"shred", "allowhardlink"} <= set(case.has)),
    Row("`addextension` for other names", (*FILES, "scripts"),
        lambda case: "addextension" in case.has and not all(log.endswith(".log") for log in case.logs)),
]
