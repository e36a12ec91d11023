import { deepEqual, equal, match, ok } from "node:assert/strict";
import { environmentName } from "./_command.ts";
import { isLoopback } from "./_run_server.ts";
import { printable, recordLine } from "./_record_line.ts";
import { run, withDirectory, withServer } from "./_testing.ts";

const WRONG: readonly [line: string[], message: RegExp][] = [
  [[], /^sentinel: give one of serve, simulate, token/],
  [["srve"], /^sentinel: unknown command 'srve' \(Did you mean serve\?\); the commands are serve/],
  [["token"], /^sentinel token: give one of create, list, revoke$/],
  [["token", "make"], /^sentinel token: unknown command 'make'; the commands are create/],
  [["token", "create"], /^sentinel token create: missing required argument 'name'/],
  [["token", "create", "x"], /could do nothing; give --write SERVICE, --read/],
  [["serve", "--prt", "1"], /^sentinel serve: unknown option '--prt' \(Did you mean --port\?\)/],
  [["serve", "--port", "65536"], /'65536' is invalid. Give an integer from 0 to 65535; see/],
  [["serve", "--retention", "often"], /"often" has no time; give a duration such as 30d/],
  [["serve", "--retention-bytes", "10"], /Give a number of bytes such as 500MiB/],
  [["serve", "--demo", "--host", "0.0.0.0"], /--host 0.0.0.0 is refused; give 127.0.0.1/],
  [["serve", "--data", "https://kv.example"], /is a KV Connect address/],
  [["serve", "--log-level", "loud"], /Allowed choices are info, warning, error/],
  [["serve", "--log-format", "xml"], /Allowed choices are json, text/],
  [["serve", "--own-log", "a\tb"], /Give a service's name, 1 to 128 characters/],
  [["serve", "now"], /too many arguments/],
  [["import"], /missing required argument 'file'/],
  [["import", "x", "--pattern", "y"], /neither one of dpkg/],
  [["import", "x", "--pattern", "plain"], /give --service NAME$/],
  [["import", "x", "--utc-offset", "CET"], /Give Z, or an offset such as \+02:00/],
  [["import", "-", "--state", "s"], /stdin cannot be resumed/],
  [["export", "--format", "xml"], /Allowed choices are ndjson, csv/],
  [["query", "--severity", "loud"], /Give TRACE, DEBUG, INFO/],
  [["query", "--start", "soon"], /Give a time such as/],
  [["query", "--attr", "x"], /Give NAME=VALUE/],
  [["query", "--order", "up"], /Give asc/],
  [["tail", "--after", "x"], /Give an integer from 0/],
  [["tail", "--limit", "5"], /unknown option '--limit'/],
  [["stats", "--url", "localhost:5000"], /Give an address such as http/],
  [["simulate", "--rate", "-1"], /Give a number from 0 to/],
];

Deno.test("a wrong command line ends with 2 and one line that says what would be right", async () => {
  for (const [line, message] of WRONG) {
    const { code, out, err } = await run(...line);
    const shown = line.join(" ");
    equal(code, 2, shown);
    equal(out, "", shown);
    match(err, /^[^\n]+\n$/, shown);
    match(err.trimEnd(), message, shown);
  }
});

Deno.test("--help lists every option with its environment variable", async () => {
  for (
    const command of [
      "serve",
      "simulate",
      "import",
      "export",
      "query",
      "tail",
      "stats",
      "token create",
    ]
  ) {
    const { code, out, err } = await run(...command.split(" "), "--help");
    equal(code, 0);
    equal(err, "");
    const text = out.replaceAll(/\s+/g, " ");
    const options = [...out.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name ?? "");
    ok(options.length >= 5, command);
    for (const option of options) {
      ok(text.includes(`env: ${environmentName(option)})`), `${command} --${option}`);
    }
  }
});

Deno.test("--help shows the defaults of serve", async () => {
  const text = (await run("serve", "--help")).out.replaceAll(/\s+/g, " ");
  for (const value of ['default: "127.0.0.1"', "default: 5000", 'default: "./data/sentinel.kv"']) {
    ok(text.includes(value), value);
  }
});

Deno.test("a failure at run time ends with 1 and one line; --verbose adds the stack", async () => {
  await withDirectory(async (directory) => {
    const line = ["query", "--data", `${directory}/none.kv`];
    const { code, err } = await run(...line);
    equal(code, 1);
    match(err, /^No server is running on .*none\.kv; start one with sentinel serve[^\n]*\n$/);
    match((await run(...line, "--verbose")).err, /\n {4}at /);
  });
});

Deno.test("query finds the server by the lock of its data file and sends every filter", async () => {
  await withDirectory(async (directory) => {
    let search = new URLSearchParams();
    let authorization: string | null = null;
    await withServer((request) => {
      search = new URL(request.url).searchParams;
      authorization = request.headers.get("authorization");
      return Response.json([]);
    }, async (url) => {
      await Deno.writeTextFile(`${directory}/s.kv.lock`, JSON.stringify({ pid: 1, url }));
      const line = ["query", "--data", `${directory}/s.kv`, "--token", "secret"];
      line.push(
        "--service",
        "a",
        "--service",
        "b",
        "--severity",
        "warn",
        "--min-severity",
        "debug",
      );
      line.push("--start", "2025-04-01T12:00:00Z", "--end", "2025-04-02T12:00:00Z", "--q", "x -y");
      line.push("--trace-id", "t", "--attr", "user.id=4=2", "--order", "asc", "--limit", "5");
      const { code, err } = await run(...line);
      equal(code, 0, err);
    });
    equal(authorization, "Token secret");
    deepEqual([...search].sort(), [
      ["attr.user.id", "4=2"],
      ["limit", "5"],
      ["min_severity", "DEBUG"],
      ["order", "asc"],
      ["q", "x -y"],
      ["service", "a"],
      ["service", "b"],
      ["severity", "WARNING"],
      ["timestamp_end", "2025-04-02T12:00:00Z"],
      ["timestamp_start", "2025-04-01T12:00:00Z"],
      ["trace_id", "t"],
    ]);
  });
});

Deno.test("stats draws tables, or gives the API's JSON", async () => {
  const stats = {
    logs_per_service: { a: 1, longer: 2000 },
    logs_per_severity: { INFO: 2000, ERROR: 1 },
    last_log_per_service: { a: "2025-04-01T12:00:00.000Z", longer: "2025-04-02T12:00:00.000Z" },
  };
  await withServer(() => Response.json(stats), async (url) => {
    equal(
      (await run("stats", "--url", url)).out,
      "SERVICE  RECORDS  LAST\n" +
        "longer     2,000  2025-04-02T12:00:00.000Z\n" +
        "a              1  2025-04-01T12:00:00.000Z\n\n" +
        "SEVERITY  RECORDS\nINFO        2,000\nERROR           1\nall         2,001\n",
    );
    deepEqual(JSON.parse((await run("stats", "--url", url, "--json")).out), stats);
  });
});

Deno.test("a record cannot play tricks on the terminal", () => {
  equal(printable("a\x1b[2J\x07\nb\u009b"), "a\\x1b[2J\\x07\n    b\\x9b");
  const line = recordLine({
    id: 1,
    timestamp: "2025-04-01T12:00:00.000Z",
    service: "a\x1b]0;x",
    severity: "ERROR",
    message: "m",
    received_at: "",
    attributes: { k: "\x1b", n: { deep: 1 } },
  }, false);
  equal(line, '2025-04-01T12:00:00.000Z ERROR   a\\x1b]0;x m k=\\x1b n={"deep":1}\n');
});

Deno.test("isLoopback() trusts only what stays on this machine", () => {
  for (const host of ["127.0.0.1", "127.8.9.1", "::1", "localhost"]) ok(isLoopback(host), host);
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org", "example.org"]) {
    ok(!isLoopback(host), host);
  }
});
