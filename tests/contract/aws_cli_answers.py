"""Runs AWS CLI commands: reads a line of JSON for each, a list of words, and prints what the CLI made of the answer as a
line of JSON: exit status, standard output and standard error.

One process for all of them: the CLI's start takes longer than most commands.
"""

import contextlib
import io
import json
import os
import sys

os.environ.update(
    AWS_ACCESS_KEY_ID="x",
    AWS_SECRET_ACCESS_KEY="x",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_MAX_ATTEMPTS="1",
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
)

from awscli.clidriver import create_clidriver  # noqa: E402 # it reads the environment

# API models, which take the time.
models = create_clidriver().session.get_component("data_loader")


def run(words):
    driver = create_clidriver()
    driver.session.register_component("data_loader", models)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = driver.main(words)
        except SystemExit as end:
            status = end.code
    return {"status": status, "stdout": out.getvalue(), "stderr": err.getvalue().strip()}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
