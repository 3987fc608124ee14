"""Lets aws-parallelcluster-node write its logs elsewhere than below /var/log/parallelcluster; nothing else differs."""

import logging
import os

SHIPPED = "/var/log/parallelcluster"


class ElsewhereFileHandler(logging.FileHandler):
    def __init__(self, filename, *arguments, **options):
        super().__init__(str(filename).replace(SHIPPED, os.environ["PEER_LOG_DIR"]), *arguments, **options)


logging.FileHandler = ElsewhereFileHandler
