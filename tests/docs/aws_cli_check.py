"""Reads AWS CLI commands, a line each, and prints why the AWS CLI would not take them.

The CLI itself parses each, checks it against AWS's API models and makes the request, which is not sent. Files that
commands name are looked for in the working directory.
"""

import contextlib
import io
import os
import shlex
import sys

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")

from awscli.clidriver import create_clidriver  # noqa: E402 # it reads the environment


class Requested(BaseException):
    """A request was made: no Exception, which the CLI would take for its own."""


def stop(**_):
    raise Requested


# API models, which take the time.
models = create_clidriver().session.get_component("data_loader")


def new_driver():
    """A driver remembers options of the commands before, so each command gets its own."""
    driver = create_clidriver()
    driver.session.register_component("data_loader", models)
    # https://github.com/boto/botocore/blob/develop/botocore/client.py: emitted once the request is made and checked.
    driver.session.register("before-call", stop)
    return driver


def why_not(words):
    if words[:2] == ["s3", "cp"]:  # sends from a thread of its own
        return "" if len(words) == 4 and words[3].startswith("s3://") else "s3 cp FILE s3://BUCKET/KEY is known here"
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            new_driver().main(words)
        except Requested:
            return ""
        except SystemExit:
            pass
    return said.getvalue().strip().split("\n")[-1] or "made no request"


for line in sys.stdin:
    problem = why_not(shlex.split(line)[1:])
    if problem:
        print(f"{line.strip()}: {problem}")
