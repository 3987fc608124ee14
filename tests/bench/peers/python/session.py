"""Runs programs and whatever they leave running, and says what all of them took: session.py, steered by standard input

Each line is a JSON object, and so is each answer:
  {"run": [{"argv": [PROGRAM, ARGUMENT...], "env": {...}}...]}  runs programs side by side to their ends. Answers started
                 and ended (seconds since 1970) and their exit statuses, codes.
  {"end": true}  ends what is left once it rests, and answers what all took since the last "run": cpu (seconds) and
                 peakMiB (the largest process).
The kernel counts (getrusage(2)): what a program leaves behind becomes a child of this one (prctl(2)). Of processes that
lived before the last "run", what their own children had taken is known in hundredths of a second, cut off: what they
took is never shown as less than it was.
"""

import ctypes
import json
import os
import signal
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
NOTHING = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
]
# Seconds of CPU in a tenth of a second below which nothing is worked on, and seconds after which that is given up.
RESTING, PATIENCE = 0.002, 10
TICKS = os.sysconf("SC_CLK_TCK")


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def descendants(pid):
    return [one for child in children(pid) for one in [child, *descendants(child)]]


def spent(pid):
    """Seconds of a process (clock_getcpuclockid(3)) and of its children that have ended."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return time.clock_gettime((~pid << 3) | 2) + (int(fields[13]) + int(fields[14])) / TICKS
    except OSError:
        return 0


def forget_peak(pid):
    try:
        with open(f"/proc/{pid}/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


class Usage:
    cpu = 0.0
    peak = 0

    def add(self, usage):
        self.cpu += usage.ru_utime + usage.ru_stime
        self.peak = max(self.peak, usage.ru_maxrss)


def run(programs):
    usage = Usage()
    earlier = descendants(os.getpid())
    for pid in earlier:
        forget_peak(pid)
    usage.cpu = -sum(spent(pid) for pid in earlier)
    started = time.time()
    pids = [os.posix_spawn(one["argv"][0], one["argv"], one["env"], file_actions=NOTHING) for one in programs]
    codes = []
    for pid in pids:
        _, status, used = os.wait4(pid, 0)
        usage.add(used)
        codes.append(os.waitstatus_to_exitcode(status))
    return usage, {"started": started, "ended": time.time(), "codes": codes}


def rest():
    """Waits until what is left has put its work on the disk, and waits itself."""
    before, quiet, limit = -1.0, 0, time.monotonic() + PATIENCE
    while quiet < 2 and time.monotonic() < limit:
        now = sum(spent(pid) for pid in descendants(os.getpid()))
        quiet = quiet + 1 if now - before < RESTING else 0
        before = now
        time.sleep(0.1)


def end(usage):
    rest()
    while True:
        for pid in children(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        try:
            usage.add(os.wait4(-1, 0)[2])
        except ChildProcessError:
            return {"cpu": usage.cpu, "peakMiB": usage.peak / 1024}


ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
usage = Usage()
for line in sys.stdin:
    request = json.loads(line)
    if "run" in request:
        usage, answer = run(request["run"])
    else:
        answer = end(usage)
    print(json.dumps(answer), flush=True)
end(usage)
