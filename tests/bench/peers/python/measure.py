"""Runs a program to its end and says what it took, its children included: measure.py PROGRAM [ARGUMENT...]

Prints one JSON object: started (seconds since 1970), wall and cpu (seconds), peakMiB (the largest process), code.
The kernel counts (getrusage(2)), nothing is sampled. A figure of memory below this program's own can't be seen: a
child begins as its copy.
"""

import json
import os
import sys
import time

NOTHING = [
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
]

argv = sys.argv[1:]
started = time.time()
begun = time.perf_counter()
pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=NOTHING)
_, status, usage = os.wait4(pid, 0)
print(
    json.dumps(
        {
            "started": started,
            "wall": time.perf_counter() - begun,
            "cpu": usage.ru_utime + usage.ru_stime,
            "peakMiB": usage.ru_maxrss / 1024,
            "code": os.waitstatus_to_exitcode(status),
        }
    )
)
