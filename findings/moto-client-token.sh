#!/bin/bash
# Question: does moto start a second instance for a second RunInstances with the same ClientToken and parameters?
# A good guess: no: EC2 answers the second call with the first one's instance
# (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html), and moto's instances carry the token.
# Seen (moto 5.2.5, boto3 1.44.8): yes, each call starts one. A test of a launch that is repeated after a lost answer passes or
# fails in moto for a reason that EC2 doesn't have.
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

    first = launch(1, 1, ClientToken="finding")
    second = launch(1, 1, ClientToken="finding")
    print(f"first call: {first}; second call with the same token: {second}")
    assert len(set(first + second)) == 2, "This has changed"
PYTHON
