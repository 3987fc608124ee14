"""The least that a Python hook can do: one call of EC2, one of scontrol.

boto3_floor.py resume LAUNCH.json IDS NODE,NODE...   RunInstances, then scontrol update; the ids go to the file IDS
boto3_floor.py stop LAUNCH.json IDS                  TerminateInstances of the ids in the file
"""

import json
import os
import subprocess
import sys

import boto3


def resume(launch, ids, nodes):
    answer = boto3.client("ec2").run_instances(MinCount=1, MaxCount=len(nodes), **launch)
    instances = answer["Instances"]
    with open(ids, "w") as file:
        file.write("\n".join(instance["InstanceId"] for instance in instances))
    names = ",".join(nodes[: len(instances)])
    addresses = ",".join(instance["PrivateIpAddress"] for instance in instances)
    scontrol = os.path.join(os.environ["SLURM_BINARIES_DIR"], "scontrol")
    subprocess.run([scontrol, "update", f"NodeName={names}", f"NodeAddr={addresses}"], check=True)


def stop(ids):
    with open(ids) as file:
        boto3.client("ec2").terminate_instances(InstanceIds=file.read().split())


if sys.argv[1] == "resume":
    with open(sys.argv[2]) as file:
        launch = json.load(file)
    resume(launch, sys.argv[3], sys.argv[4].split(","))
else:
    stop(sys.argv[3])
