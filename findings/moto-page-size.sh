#!/bin/bash
# Question: how many instances does one DescribeInstances answer of moto hold with MaxResults=5?
# A good guess: five at most, and a NextToken for the rest: MaxResults is the most items of one answer
# (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html), and the answer is about instances.
# Seen (moto 5.2.5, boto3 1.44.8): all twelve, without a NextToken: moto counts reservations, and one launch is one.
# A second page is never read in a test that launches its instances by one call.
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

    launch(12, 12)
    answer = ec2.describe_instances(MaxResults=5)
    held = sum(len(reservation["Instances"]) for reservation in answer["Reservations"])
    has_next = "NextToken" in answer
    print(f"MaxResults=5: {held} instances, NextToken: {has_next}")
    assert (held, has_next) == (12, False), "This has changed"
PYTHON
