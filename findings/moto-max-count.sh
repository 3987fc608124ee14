#!/bin/bash
# Question: how many instances does moto start for RunInstances with MinCount=1 and MaxCount=5?
# A good guess: five: EC2 launches the largest number it can above MinCount
# (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html), and moto has no lack of capacity.
# Seen (moto 5.2.5, boto3 1.44.8): one. MaxCount is not read. Code that asks for 1..N and takes the rest for a shortfall
# always sees one in moto; ask for MinCount=MaxCount in tests where the number matters.
# Needs Python 3.9 or later with venv and pip, and PyPI. Nothing outside of a temporary folder is changed.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet 'moto[ec2]==5.2.5' 'boto3==1.44.8'
export AWS_ACCESS_KEY_ID=finding AWS_SECRET_ACCESS_KEY=finding AWS_DEFAULT_REGION=us-east-1

"$dir/venv/bin/python" - <<'PYTHON'
import boto3
from moto import mock_aws

with mock_aws():
    ec2 = boto3.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]

    def launch(least, most, **others):
        answer = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=least, MaxCount=most, **others)
        return [instance["InstanceId"] for instance in answer["Instances"]]

    some = launch(1, 5)
    all_of_them = launch(5, 5)
    print(f"MinCount=1, MaxCount=5: {len(some)}; MinCount=5, MaxCount=5: {len(all_of_them)}")
    assert (len(some), len(all_of_them)) == (1, 5), "This has changed"
PYTHON
