"""Talks to the simulated AWS at argv[1] through boto3 and prints what it understood as one line of JSON.

A second SDK, in another language, keeps the simulator's wire format from being merely what one SDK accepts.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL, IMAGE, SUBNET = sys.argv[1:4]


def client(service, key="AKIDEXAMPLE"):
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=URL,
        aws_access_key_id=key,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=5, read_timeout=20),
    )


def refusal(call, **kwargs):
    """Code, HTTP status and whether there is a request id, of a call that must be refused."""
    try:
        call(**kwargs)
    except ClientError as error:
        metadata = error.response["ResponseMetadata"]
        return [error.response["Error"]["Code"], metadata["HTTPStatusCode"], bool(metadata.get("RequestId"))]
    return None


ec2, ssm, sts = client("ec2"), client("ssm"), client("sts")
launch = {
    "ImageId": IMAGE,
    "InstanceType": "c7i.large",
    "MinCount": 1,
    "MaxCount": 12,
    "SubnetId": SUBNET,
    "ClientToken": "boto3-token",
    "UserData": "nodes=c7i-[0-11]",
    "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "run", "Value": "a&b <c>"}]}],
}
answer = ec2.run_instances(**launch)
ids = sorted(instance["InstanceId"] for instance in answer["Instances"])
replayed = ec2.run_instances(**launch)
filters = [{"Name": "tag:run", "Values": ["a&b <c>"]}]
pages = list(ec2.get_paginator("describe_instances").paginate(Filters=filters, PaginationConfig={"PageSize": 5}))
described = [i for page in pages for r in page["Reservations"] for i in r["Instances"]]
statuses = [
    s
    for page in ec2.get_paginator("describe_instance_status").paginate(PaginationConfig={"PageSize": 5})
    for s in page["InstanceStatuses"]
]
ec2.get_waiter("instance_status_ok").wait(InstanceIds=ids, WaiterConfig={"Delay": 1, "MaxAttempts": 2})
stopped = ec2.stop_instances(InstanceIds=ids[:1])["StoppingInstances"][0]
started = ec2.start_instances(InstanceIds=ids[:1])["StartingInstances"][0]
ec2.create_tags(Resources=ids[:2], Tags=[{"Key": "Name", "Value": "n0"}])
terminated = ec2.terminate_instances(InstanceIds=ids)["TerminatingInstances"]
with_efas = ec2.run_instances(
    ImageId=IMAGE,
    InstanceType="c6in.32xlarge",
    MinCount=1,
    MaxCount=1,
    NetworkInterfaces=[
        {"NetworkCardIndex": 0, "DeviceIndex": 0, "InterfaceType": "interface", "SubnetId": SUBNET},
        {"NetworkCardIndex": 0, "DeviceIndex": 1, "InterfaceType": "efa-only", "SubnetId": SUBNET},
        {"NetworkCardIndex": 1, "DeviceIndex": 0, "InterfaceType": "efa-only", "SubnetId": SUBNET},
    ],
)
ssm.put_parameter(Name="/boto3/a", Value="ami-1", Type="String")
ssm.put_parameter(Name="/boto3/f/image", Value=IMAGE, Type="String", DataType="aws:ec2:image")
ssm.put_parameter(Name="/boto3/f/large", Value="x" * 5000, Type="SecureString", Tier="Advanced")
secrets = ssm.get_parameters_by_path(
    Path="/boto3/f", ParameterFilters=[{"Key": "Type", "Values": ["SecureString"]}]
)["Parameters"]
image = ssm.get_parameter(Name="/boto3/f/image:1")["Parameter"]
parameters = ssm.get_parameters(Names=["/boto3/a", "/boto3/none"])

print(json.dumps({
    "indices": sorted(instance["AmiLaunchIndex"] for instance in answer["Instances"]),
    "addresses": len({instance["PrivateIpAddress"] for instance in answer["Instances"]}),
    "launchYear": answer["Instances"][0]["LaunchTime"].year >= 2024,
    "replayed": sorted(instance["InstanceId"] for instance in replayed["Instances"]) == ids,
    "pages": [sum(len(r["Instances"]) for r in page["Reservations"]) for page in pages],
    "described": sorted(instance["InstanceId"] for instance in described) == ids,
    "tags": described[0]["Tags"],
    "statuses": sorted(
        [s["InstanceState"]["Name"], s["SystemStatus"]["Status"], s["InstanceStatus"]["Details"][0]["Status"]]
        for s in statuses
    )[0],
    "statusCount": len(statuses),
    "stopped": stopped["PreviousState"]["Name"],
    "started": started["PreviousState"]["Name"],
    "terminated": len(terminated),
    "subnet": ec2.describe_subnets(SubnetIds=[SUBNET])["Subnets"][0]["AvailabilityZone"],
    "image": ec2.describe_images(ImageIds=[IMAGE])["Images"][0]["Architecture"],
    "type": ec2.describe_instance_types(InstanceTypes=["c7i.large"])["InstanceTypes"][0]["VCpuInfo"]["DefaultVCpus"],
    "efas": ec2.describe_instance_types(InstanceTypes=["c6in.32xlarge"])["InstanceTypes"][0]["NetworkInfo"]["EfaInfo"],
    "interfaces": [
        [i["InterfaceType"], i["Attachment"]["NetworkCardIndex"], i["Attachment"]["DeviceIndex"], len(i["PrivateIpAddresses"])]
        for i in with_efas["Instances"][0]["NetworkInterfaces"]
    ],
    "groups": len(ec2.describe_security_groups()["SecurityGroups"]) > 0,
    "keyPairs": len(ec2.describe_key_pairs()["KeyPairs"]) > 0,
    "console": ec2.get_console_output(InstanceId=ids[0])["InstanceId"] == ids[0],
    "parameters": [[p["Name"], p["Value"], p["Version"]] for p in parameters["Parameters"]],
    "secrets": [p["Name"] for p in secrets],
    "imageParameter": [image["DataType"], image["Selector"], ssm.get_parameter(Name=image["ARN"])["Parameter"]["Name"]],
    "publicKey": ec2.describe_key_pairs(IncludePublicKey=True)["KeyPairs"][0]["PublicKey"].split(" ")[0],
    "invalidParameters": parameters["InvalidParameters"],
    "account": sts.get_caller_identity()["Account"],
    "refusals": {
        "dryRun": refusal(ec2.run_instances, **{**launch, "ClientToken": "dry", "DryRun": True}),
        "mismatch": refusal(ec2.run_instances, **{**launch, "InstanceType": "m5.large"}),
        "notFound": refusal(ec2.describe_instances, InstanceIds=["i-0123456789abcdef0"]),
        "notModelled": refusal(ec2.describe_volumes),
        "notModelledFilter": refusal(ec2.describe_instances, Filters=[{"Name": "tpm-support", "Values": ["v2.0"]}]),
        "pattern": refusal(ssm.put_parameter, Name="/boto3/p", Value="zzz", Type="String", AllowedPattern="^ami-"),
        "parameter": refusal(ssm.get_parameter, Name="/boto3/none"),
        "validation": refusal(ssm.get_parameters, Names=[f"/x/{n}" for n in range(11)]),
        "expiredEc2": refusal(client("ec2", "ASIA000000000EXPIRED").describe_instances),
        "expiredSsm": refusal(client("ssm", "ASIA000000000EXPIRED").get_parameter, Name="/x"),
        "invalidSts": refusal(client("sts", "AKIA000000000INVALID").get_caller_identity),
    },
}))
