"""aws-parallelcluster-node's ResumeProgram: peer_resume.py HOSTLIST"""

import peer_paths  # noqa: F401  (before the peer opens its log)
from slurm_plugin.resume import main

main()
