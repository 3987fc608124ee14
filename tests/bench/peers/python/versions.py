"""Prints the versions of what is measured, as one JSON object; a package that is not there is null."""

import importlib.metadata
import json
import platform


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


names = ("boto3", "botocore", "aws-parallelcluster-node")
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in names}}))
