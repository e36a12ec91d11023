"""The standard library's logging with python-logging-loki. Arguments: URL, token."""

import logging
import sys

import logging_loki

url, token = sys.argv[1:]
logger = logging.getLogger("shop.orders")
logger.setLevel(logging.DEBUG)
logger.addHandler(
    logging_loki.LokiHandler(
        url=f"{url}/loki/api/v1/push",
        tags={"application": "python-service"},
        auth=("python", token),
        version="1",
    )
)
for i in range(50):
    logger.warning("order %d is late", i, extra={"tags": {"customer": f"c{i}"}})
logger.critical("it failed \U0001f389")
