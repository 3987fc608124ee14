"""One pass of aws-parallelcluster-node's clustermgtd over nodes that Slurm powers down.

peer_pass.py NODES POWERING_DOWN ENDPOINT SCONTROL_LOG RESULT

clustermgtd is a daemon, so a first pass over nodes that are up warms it, as a minute before would have; then the
file POWERING_DOWN takes the place of NODES (what scontrol shows) and the second pass is measured. The seconds that
a pass sleeps before it asks EC2 are not slept, but noted. RESULT gets the figures as JSON.
"""

import json
import logging
import os
import resource
import sys
import time
import types
import urllib.request
from logging.config import fileConfig

import peer_paths  # noqa: F401  (before the peer opens its log)
from slurm_plugin import clustermgtd

nodes, powering_down, endpoint, scontrol_log, result = sys.argv[1:]
slept = []
clustermgtd.time = types.SimpleNamespace(sleep=slept.append)


def cpu():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


logging.basicConfig(level=logging.INFO)
config = clustermgtd.ClustermgtdConfig(os.environ["CONFIG_FILE"])
manager = clustermgtd.ClusterManager(config)
fileConfig(config.logging_config, disable_existing_loggers=False)
manager.manage_cluster()
os.replace(powering_down, nodes)
open(scontrol_log, "w").close()
urllib.request.urlopen(f"{endpoint}/?Action=BeginMeasurement").close()

slept.clear()
before, begun = cpu(), time.perf_counter()
manager.manage_cluster()
figures = {"wall": time.perf_counter() - begun, "cpu": cpu() - before}
usages = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
manager.shutdown()
with open(result, "w") as file:
    json.dump({**figures, "peakMiB": max(usages) / 1024, "slept": sum(slept), "loop": clustermgtd.LOOP_TIME}, file)
