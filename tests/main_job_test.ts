/**
 * @module The main job on real input: log lines of this machine are imported and emulated services log, while the server
 * is killed and started again; afterwards everything is there exactly once, and is found, counted and deleted.
 */

import assert from "node:assert/strict";
import { ndjson, type StoredRecord, withParameters } from "./api/_records.ts";
import {
  cleanEnvironment,
  join,
  PROJECT,
  say,
  TestServer,
  TOKENS,
  until,
  withFolder,
} from "./_server.ts";

/** A log that Debian and its like keep, and how `sentinel import` reads it. */
interface Source {
  readonly path: string;
  readonly arguments: readonly string[];
  readonly service: string;
  /** The lines that are records, each as its message. */
  messages(text: string): string[];
}

const TIMED = /^(?:update-alternatives )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:? /;

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

const SOURCES: readonly Source[] = [
  {
    path: "/var/log/dpkg.log",
    arguments: ["--pattern", "dpkg"],
    service: "dpkg",
    messages: (text) => linesOf(text).map((line) => line.replace(TIMED, "")),
  },
  {
    path: "/var/log/alternatives.log",
    arguments: [
      "--service",
      "alternatives",
      "--pattern",
      "^update-alternatives (?<timestamp>\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d): (?<message>.*)$",
    ],
    service: "alternatives",
    messages: (text) => linesOf(text).map((line) => line.replace(TIMED, "")),
  },
  {
    path: "/var/log/apt/history.log",
    arguments: ["--pattern", "apt-history"],
    service: "apt",
    messages: (text) =>
      text.split("\n\n").map((stanza) => stanza.trim()).filter((stanza) => stanza !== ""),
  },
];

const sources = SOURCES.filter(({ path }) => isReadable(path));
if (sources.length === 0) {
  say(
    `Skipped: there is no real log to import here: ${SOURCES.map(({ path }) => path).join(", ")}`,
  );
}

function isReadable(path: string): boolean {
  try {
    return Deno.readTextFileSync(path).trim() !== "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) {
      return false;
    }
    throw error;
  }
}

/** A command of the program, running; its output is drained. */
class Command {
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<Deno.CommandOutput>;
  ended = false;

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    const permissions = args[0] === "simulate" ? "-P=simulate" : "-P=sentinel";
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", permissions, "--no-prompt", join(PROJECT, "main.ts"), ...args],
      cwd: PROJECT,
      clearEnv: true,
      env: cleanEnvironment({ SENTINEL_TOKEN: TOKENS.admin, ...env }),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#output = this.#child.output().finally(() => this.ended = true);
  }

  /** Kills it, as a power cut does. */
  async kill(): Promise<void> {
    if (!this.ended) this.#child.kill("SIGKILL");
    await this.#output;
  }

  /** Waits for its end. */
  async result(): Promise<{ code: number; out: string; err: string }> {
    const { code, stdout, stderr } = await this.#output;
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: decode(stdout), err: decode(stderr) };
  }
}

/** Small ones: an import of some thousand lines then lasts long enough to be interrupted. */
const IMPORT_BATCH = 20;

/** Imports a log; killed in its midst once, it goes on when it is started again. */
async function importLog(dir: string, url: string, file: string, source: Source): Promise<void> {
  const state = `${file}.state`;
  const args = [
    "import",
    file,
    ...source.arguments,
    "--url",
    url,
    "--batch",
    String(IMPORT_BATCH),
    "--state",
    state,
  ];
  const first = new Command(args);
  await until("the import to have begun", () => first.ended || exists(state));
  await first.kill();
  if ((await first.result()).code === 0) return;
  const out = await until("the import", async () => {
    const { code, out, err } = await new Command([...args, "--json"]).result();
    if (code === 0) return out;
    // It was started while the server was down; whoever did that starts it again.
    assert.match(err, /^No server answers at /);
    return undefined;
  });
  const { records, unmatched } = JSON.parse(out);
  assert.equal(unmatched, 0, `${source.path} has lines that the pattern does not match`);
  const expected = source.messages(Deno.readTextFileSync(file)).length;
  assert.equal(records, expected, out);
  assert.ok(!exists(state), `${dir} has a state of an import that is over`);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function read(server: TestServer, service: string): Promise<StoredRecord[]> {
  const path = withParameters("/logs", { service, order: "asc" });
  return ndjson((await server.call(path, { headers: { accept: "application/x-ndjson" } })).text);
}

/** Checks that the records of a log are its lines, each once, and that they are found, counted and deleted. */
async function checkImported(server: TestServer, file: string, { service, messages }: Source) {
  const lines = messages(Deno.readTextFileSync(file));
  const records = await read(server, service);
  assert.deepEqual(records.map(({ message }) => message).sort(), lines.toSorted());
  assert.equal((await server.get("/stats")).logs_per_service[service], lines.length);
  const last = records.at(-1)!.timestamp;
  assert.equal((await server.get("/stats")).last_log_per_service[service], last);

  const wordsOf = (line: string) => line.toLowerCase().split(/[^\p{L}\p{N}_]+/u);
  const word = wordsOf(lines[lines.length >> 1]!).find((one) => /^[a-z]{5,}$/.test(one))!;
  const withWord = lines.filter((line) => wordsOf(line).includes(word));
  const found = await server.get(withParameters("/stats", { service, q: word }));
  assert.equal(found.logs_per_service[service], withWord.length, `${service}: ${word}`);

  const { buckets } = await server.get(withParameters("/histogram", { service, by: "service" }));
  const sum = buckets.reduce(
    (sum: number, bucket: { counts: Record<string, number> }) =>
      sum + (bucket.counts[service] ?? 0),
    0,
  );
  assert.equal(sum, lines.length);

  const before = records[records.length >> 1]!.timestamp;
  const older = records.filter(({ timestamp }) => timestamp < before);
  const path = withParameters("/logs", { before, service });
  const deleted = await server.call(path, { method: "DELETE" });
  assert.deepEqual(deleted.body, { message: `${older.length} log(s) deleted` });
  assert.deepEqual(await read(server, service), records.slice(older.length));
}

const SIMULATED_SERVICES = 4;
const KILLS = 4;
const RECORDS_PER_LIFE = 400;

Deno.test({
  name:
    "real logs and emulated services are stored exactly once though server and importer are killed",
  ignore: sources.length === 0,
  async fn() {
    await withFolder(async (dir) => {
      let server = await TestServer.start({ dir });
      const { url } = server;
      const files = sources.map((source, n) => {
        const file = join(dir, `real_${n}.log`);
        // A copy: the system may add lines meanwhile.
        Deno.copyFileSync(source.path, file);
        return file;
      });
      const simulation = new Command([
        "simulate",
        "--url",
        url,
        "--services",
        String(SIMULATED_SERVICES),
        "--rate",
        "200",
        "--duration",
        "8s",
        "--canary",
        "--json",
      ]);
      try {
        let importing = true;
        const importAll = async () => {
          for (const [n, source] of sources.entries()) await importLog(dir, url, files[n]!, source);
          importing = false;
        };
        const killAll = async () => {
          for (let kill = 0; kill < KILLS; kill++) {
            const before = await server.figure("store_records");
            await until("some records", async () =>
              (!importing && simulation.ended) ||
              await server.figure("store_records") > before + RECORDS_PER_LIFE);
            await server.kill();
            server = await server.restart();
          }
        };
        await Promise.all([importAll(), killAll()]);
        const { code, out, err } = await simulation.result();
        assert.equal(code, 0, out + err);
        const summary = JSON.parse(out);
        assert.equal(summary.ok, true);
        assert.ok(summary.accepted > 1_000, `${summary.accepted} records`);
        assert.equal(summary.canary.length, SIMULATED_SERVICES);
        const { logs_per_service } = await server.get("/stats");
        for (
          const { service, read, missing, duplicates, out_of_order, unexpected } of summary.canary
        ) {
          assert.deepEqual([missing, duplicates, out_of_order, unexpected], [0, 0, 0, 0], service);
          assert.equal(logs_per_service[service], read);
        }
      } finally {
        await simulation.kill();
      }
      for (const [n, source] of sources.entries()) await checkImported(server, files[n]!, source);
      await server.stop();
    });
  },
});
