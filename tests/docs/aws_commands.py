"""Reads AWS CLI commands, a line each, and prints what AWS's published API models know nothing of.

The models are botocore's, which the AWS CLI is made from: https://github.com/boto/botocore
"""

import shlex
import sys

import botocore.session
from botocore import xform_name

# Options that every command of the CLI has.
GLOBAL = {"query", "output", "region", "profile"}
# Commands that the CLI itself adds (https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/).
OWN = {
    ("s3", "cp"): set(),
    ("cloudformation", "deploy"): {"stack-name", "template-file", "parameter-overrides", "capabilities"},
}
session = botocore.session.get_session()


def problems(words):
    service, operation = words[1:3]
    options = [word[2:] for word in words[3:] if word.startswith("--")]
    if (service, operation) in OWN:
        return [f"no option --{name}" for name in options if name not in OWN[service, operation] | GLOBAL]
    if service not in session.get_available_services():
        return [f"no service {service}"]
    model = session.get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        return [f"no operation {service} {operation}"]
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(name, "-"): member for name, member in shape.members.items()} if shape else {}
    required = {xform_name(name, "-") for name in shape.required_members} if shape else set()
    # The CLI makes up tokens by itself, where the model says that they are such.
    needed = {name for name in required if not members[name].metadata.get("idempotencyToken")}
    unknown = [f"no option --{name}" for name in options if name not in members.keys() | GLOBAL]
    return unknown + [f"--{name} is missing" for name in sorted(needed - set(options))]


for line in sys.stdin:
    for problem in problems(shlex.split(line)):
        print(f"{line.strip()}: {problem}")
