/** @module Grafana Loki's own command line against the real server: `SENTINEL_LOGCLI` names it, or it is on the PATH. */

import assert from "node:assert/strict";
import { nanos, push } from "../api/_loki.ts";
import { record } from "../api/_records.ts";
import { cleanEnvironment, ServerSuite, type TestServer, TOKENS } from "../_server.ts";

const logcli = findLogcli();
const suite = logcli === undefined ? undefined : new ServerSuite();

/** The command, if it can be had. */
function findLogcli(): string | undefined {
  const command = Deno.env.get("SENTINEL_LOGCLI") ?? "logcli";
  try {
    const { success } = new Deno.Command(command, {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).outputSync();
    return success ? command : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function options(server: TestServer, args: readonly string[]): Deno.CommandOptions {
  return {
    args: [...args],
    clearEnv: true,
    env: cleanEnvironment({ LOKI_ADDR: server.url, LOKI_BEARER_TOKEN: TOKENS.admin }),
  };
}

/** Runs the command to its good end and gives what it says. */
async function run(server: TestServer, ...args: string[]): Promise<string> {
  const output = await new Deno.Command(logcli!, options(server, args)).output();
  const decoder = new TextDecoder();
  assert.ok(output.success, decoder.decode(output.stderr));
  return decoder.decode(output.stdout).trim();
}

/** Registers a test, if the command can be had. */
function test(name: string, body: (server: TestServer) => Promise<void>): void {
  suite?.test(name, body);
}

if (suite === undefined) {
  Deno.test.ignore("logcli is not on the PATH, nor named by SENTINEL_LOGCLI", () => undefined);
}

const BASE = Date.now() - 600_000;

async function fill(server: TestServer, app: string, count: number): Promise<void> {
  const values = Array.from(
    { length: count },
    (_, i) => [nanos(BASE + i * 1000, i), `order ${i} took=${i}ms`] as const,
  );
  await push(server, [
    { stream: { app, env: "prod", level: "info" }, values },
    { stream: { app, env: "dev", level: "error" }, values: values.slice(0, 3) },
  ]);
}

test("logcli query pages through every line", async (server) => {
  await fill(server, "paged", 230);
  const query = ["query", "--quiet", "--since=1h", "--limit=1000", "--batch=50", "-o", "raw"];
  const lines = (await run(server, ...query, "--forward", '{app="paged", env="prod"}')).split("\n");
  assert.deepEqual(lines, Array.from({ length: 230 }, (_, i) => `order ${i} took=${i}ms`));
  const backward = (await run(server, ...query, '{app="paged", env="prod"} |= "order 22"')).split(
    "\n",
  );
  assert.equal(backward.length, 11);
  assert.equal(backward[0], "order 229 took=229ms");
  const filtered = await run(server, ...query, '{app="paged"} | logfmt | took > 226ms');
  assert.deepEqual(filtered.split("\n").length, 3);
});

test("logcli query shows lines as JSON with their labels", async (server) => {
  await fill(server, "json", 1);
  const text = await run(server, "query", "--quiet", "--since=1h", "-o", "jsonl", '{app="json"}');
  const lines = text.split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ labels }) => labels.env).sort(), ["dev", "prod"]);
  assert.equal(lines[0].line, "order 0 took=0ms");
});

test("logcli instant-query and query of metrics", async (server) => {
  await fill(server, "metric", 60);
  const instant = JSON.parse(
    await run(
      server,
      "instant-query",
      "--quiet",
      'sum by (env) (count_over_time({app="metric"}[1h]))',
    ),
  );
  assert.deepEqual(
    instant.map((one: { metric: unknown; value: unknown[] }) => [one.metric, one.value[1]]),
    [[{ env: "dev" }, "3"], [{ env: "prod" }, "60"]],
  );
  const matrix = JSON.parse(
    await run(
      server,
      "query",
      "--quiet",
      "--since=1h",
      "--step=10m",
      'sum(count_over_time({app="metric"}[10m]))',
    ),
  );
  const counts = matrix[0].values.map(([, value]: string[]) => Number(value));
  assert.equal(counts.reduce((a: number, b: number) => a + b, 0), 63);
});

test("logcli labels, series, stats, volume and detected-fields", async (server) => {
  await fill(server, "listed", 10);
  const labels = await run(server, "labels", "--quiet", "--since=1h");
  assert.deepEqual(labels.split("\n"), ["app", "env", "level", "service_name"]);
  const values = await run(server, "labels", "--quiet", "--since=1h", "app");
  assert.ok(values.split("\n").includes("listed"));
  assert.deepEqual(
    (await run(server, "series", "--quiet", "--since=1h", '{app="listed"}')).split("\n"),
    [
      '{app="listed", env="dev", level="error", service_name="listed"}',
      '{app="listed", env="prod", level="info", service_name="listed"}',
    ],
  );
  const stats = await run(server, "stats", "--quiet", "--since=1h", '{service_name="listed"}');
  assert.match(stats, /entries: 13/);
  const volume = JSON.parse(
    await run(server, "volume", "--quiet", "--since=1h", '{app="listed"}'),
  );
  assert.deepEqual(volume[0].metric, { app: "listed" });
  const fields = await run(server, "detected-fields", "--quiet", "--since=1h", '{app="listed"}');
  assert.match(fields, /label: took\s+type: duration\s+cardinality: 10/);
});

test("logcli query --tail follows", async (server) => {
  const child = new Deno.Command(logcli!, {
    ...options(server, ["query", "--tail", "--quiet", "-o", "raw", '{app="followed"} |= "new"']),
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let n = 0; !text.includes("new line"); n++) {
    // It connects at a moment of its own: what was pushed before is among the lines it begins with.
    await push(server, [{
      stream: { app: "followed" },
      values: [[nanos(Date.now(), n), "new line"]],
    }]);
    text += (await reader.read()).value ?? "";
  }
  await server.post([
    record("followed", { message: "new native", attributes: { app: "followed" } }),
  ]);
  while (!text.includes("new native")) text += (await reader.read()).value ?? "";
  await reader.cancel();
  child.kill("SIGKILL");
  await child.status;
});

test("logcli shows what a bad query lacks", async (server) => {
  const { success, stderr } = await new Deno.Command(
    logcli!,
    options(server, ["query", "--retries=0", '{app="x"} | foo']),
  ).output();
  assert.equal(success, false);
  assert.match(new TextDecoder().decode(stderr), /parse error at line 1, col 16/);
});
