/**
 * @module The server is stopped, and later killed, under clients that try again. Nothing of what they sent may be missing; what
 * was stored but not answered when the server was killed may be there twice, where the format has no means against that.
 */

import assert from "node:assert/strict";
import { join, PROJECT, say, until } from "../_server.ts";
import { debianPrograms, startRsyslog } from "./_debian.ts";
import { clientTest, run, type Running, start, startNode } from "./_programs.ts";
import { type Receiver, withReceiver } from "./_receiver.ts";
import { snippet } from "./_snippet.ts";

/** Records of each client, one every 10 ms: the server is away for some of those seconds, twice. */
const COUNT = 600;
const PAUSE_MS = 10;

/** JavaScript that calls `log(i)` for every number, over some seconds. */
function logging(statement: string, end: string): string {
  return `
for (let i = 0; i < ${COUNT}; i++) {
  ${statement}
  await new Promise((resolve) => setTimeout(resolve, ${PAUSE_MS}));
}
${end}`;
}

const CLIENTS: Record<string, (receiver: Receiver) => string> = {
  "otlp": (receiver) =>
    `import { SeverityNumber } from "@opentelemetry/api-logs";
${
      snippet("OpenTelemetry for JavaScript", receiver, {
        '"shop"': '"otlp"',
        "({ exporter })": "({ exporter, scheduledDelayMillis: 100 })",
      })
    }` +
    logging(
      "logger.emit({ severityNumber: SeverityNumber.INFO, body: String(i) });",
      "await provider.shutdown();",
    ),
  "loki": (receiver) =>
    // It waits a minute after a failure, and then would not end by itself.
    `${snippet("winston-loki", receiver, { '"shop"': '"loki"', "interval: 1": "interval: 0.2" })}
transport.batcher.circuitBreakerInterval = 500;` +
    logging(
      "logger.info(String(i));",
      `while (transport.batcher.batch.streams.length > 0 || transport.batcher.batchesSending > 0) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
process.exit(0);`,
    ),
  "elasticsearch": (receiver) =>
    `${
      snippet("@elastic/elasticsearch", receiver, {
        "maxRetries: 10": "maxRetries: 20, retryBackoff: () => 0.3",
      })
    }
async function* documents() {
  for (let i = 0; i < ${COUNT}; i++) {
    yield { "@timestamp": new Date().toISOString(), "service.name": "elasticsearch", message: String(i) };
    await new Promise((resolve) => setTimeout(resolve, ${PAUSE_MS}));
  }
}
const stats = await client.helpers.bulk({
  datasource: documents(),
  flushInterval: 100,
  flushBytes: 1000,
  onDocument: () => ({ create: { _index: "logs" } }),
  onDrop: (drop) => { throw new Error(JSON.stringify(drop)); },
});
if (stats.successful !== ${COUNT}) throw new Error(JSON.stringify(stats));`,
  "json": (receiver) =>
    `${
      snippet("pino-http-send", receiver, {
        '"shop"': '"json"',
        "retries: 20": "retries: 50, interval: 300, silent: true",
      })
    }` +
    logging("logger.info(String(i));", ""),
};

/** How often each number came, for a service. */
async function counts(receiver: Receiver, service: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const path = `/logs?service=${service}&limit=10000`;
  for (const { message } of await receiver.server.get(path) as { message: string }[]) {
    // winston-loki writes the record's other members after the message.
    const number = /^\d+/.exec(message)?.[0] ?? message;
    found.set(number, (found.get(number) ?? 0) + 1);
  }
  return found;
}

/** Fails if a number is missing, or more than so many are; gives how many came more than once. */
async function assertComplete(
  receiver: Receiver,
  service: string,
  missingMax = 0,
): Promise<number> {
  const found = await counts(receiver, service);
  const missing = Array.from({ length: COUNT }, (_, i) => String(i)).filter((i) => !found.has(i));
  assert.ok(missing.length <= missingMax, `${service} lost ${missing.length}: ${missing}`);
  return [...found.values()].filter((count) => count > 1).length;
}

clientTest(
  "nothing is missing when the server is stopped and killed under clients that try again",
  "node",
  () =>
    withReceiver(async (receiver) => {
      const running: [string, Running][] = [];
      for (const [service, program] of Object.entries(CLIENTS)) {
        running.push([service, await startNode(program(receiver))]);
      }
      const simulator = start(Deno.execPath(), [
        ...[
          "run",
          "-q",
          "-P=simulate",
          "main.ts",
          "simulate",
          "--url",
          receiver.url,
          "--token",
          receiver.token,
        ],
        ...["--services", "2", "--rate", "100", "--duration", "7s", "--canary"],
      ], { cwd: PROJECT });
      // Both in the middle of what they send.
      await receiver.until(800);
      await receiver.restart("stop", 700);
      await receiver.until(2000);
      await receiver.restart("kill", 700);
      const twice: string[] = [];
      for (const [service, { ended }] of running) {
        await ended;
        twice.push(`${service} ${await assertComplete(receiver, service)}`);
      }
      // It sends with idempotency keys, and ends badly if anything is missing or there twice.
      assert.match(await simulator.ended, /canary/i);
      say(`records that came twice: ${twice.join(", ")}`);
    }),
);

const debian = await debianPrograms();

/** Logs every number through a local shipper, over some seconds. */
async function logAll(socket: string, dir: string): Promise<void> {
  const lines = join(dir, "lines");
  await Deno.writeTextFile(lines, Array.from({ length: COUNT }, (_, i) => `${i}\n`).join(""));
  const script = `while read -r line; do logger -u ${socket} -t forwarded "$line"; done < ${lines}`;
  await run("sh", ["-c", script]);
}

clientTest(
  "rsyslog's omelasticsearch loses nothing when the server is stopped and killed",
  debian?.rsyslogd,
  () =>
    withReceiver(async (receiver, dir) => {
      const shipper = await startRsyslog(debian!, dir, snippet("omelasticsearch", receiver));
      const writing = logAll(shipper.socket, dir);
      await receiver.until(100);
      await receiver.restart("stop", 500);
      await receiver.until(200);
      await receiver.restart("kill", 500);
      await writing;
      await receiver.until(COUNT);
      const twice = await assertComplete(receiver, "forwarded");
      say(`records that came twice: omelasticsearch ${twice}`);
      await shipper.stop();
    }),
);

clientTest(
  "rsyslog over TCP goes on after a restart, and loses no more than what it had just sent",
  debian?.rsyslogd,
  () =>
    withReceiver(async (receiver, dir) => {
      const shipper = await startRsyslog(debian!, dir, snippet("omfwd", receiver));
      const writing = logAll(shipper.socket, dir);
      await receiver.until(100);
      await receiver.restart("stop", 500);
      await writing;
      // Syslog has no answers: what is sent as the connection ends is gone, and nobody knows.
      const inFlightMax = 5;
      await receiver.until(COUNT - inFlightMax);
      await run("logger", ["-u", shipper.socket, "-t", "end", "end"]);
      await until(
        "the last one",
        async () => (await receiver.records()).some(({ service }) => service === "end"),
      );
      assert.equal(await assertComplete(receiver, "forwarded", inFlightMax), 0);
      await shipper.stop();
    }),
);
