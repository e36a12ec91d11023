"""OpenTelemetry's Python SDK behind the standard library's logging. Arguments: URL, token."""

import logging
import sys

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

url, token = sys.argv[1:]
provider = LoggerProvider(resource=Resource.create({"service.name": "otel-python"}))
exporter = OTLPLogExporter(
    endpoint=f"{url}/v1/logs",
    headers={"Authorization": f"Token {token}"},
    compression=Compression.Gzip,
)
provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
logger = logging.getLogger("shop.orders")
logger.setLevel(logging.DEBUG)
logger.addHandler(LoggingHandler(logger_provider=provider))
for i in range(1000):
    logger.warning("order %d is late", i, extra={"customer": f"c{i}"})
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("division failed")
provider.shutdown()
