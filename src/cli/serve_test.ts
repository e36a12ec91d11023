import { deepEqual, equal, match, ok } from "node:assert/strict";
import { withDirectory } from "./_testing.ts";

const MAIN = new URL("../../main.ts", import.meta.url);
const CONFIG = new URL("../../deno.json", import.meta.url);

/** A command of the real program, with the permissions that the executable has. */
function sentinel(args: string[], env: Record<string, string> = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", `--config=${CONFIG.pathname}`, "-P=sentinel", MAIN.pathname, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

const decoder = new TextDecoder();

async function finish(command: Deno.Command) {
  const { code, stdout, stderr } = await command.output();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Starts the server, runs `use` with its address and what it printed first, ends it with SIGTERM. */
async function withRealServer(
  args: string[],
  env: Record<string, string>,
  use: (url: string, printed: string) => Promise<void>,
): Promise<void> {
  const child = sentinel(["serve", "--port", "0", ...args], env).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  let url: string | undefined;
  while (url === undefined) {
    const { value, done } = await lines.read();
    if (done) throw new Error(`The server ended: ${await new Response(child.stderr).text()}`);
    printed += value;
    url = /listening on (http:\S+)\n/.exec(printed)?.[1];
  }
  try {
    await use(url, printed);
  } finally {
    child.kill("SIGTERM");
    const [{ code }, errors] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
      lines.cancel(),
    ]);
    equal(code, 0, errors);
  }
}

Deno.test("a first start prints one admin token, a second none, and tokens are managed either way", async () => {
  await withDirectory(async (directory) => {
    const data = `${directory}/new/s.kv`;
    const env = { SENTINEL_DATA: data };
    let admin = "";
    await withRealServer([], env, async (url, printed) => {
      const match = /^Admin token, shown once: (\S+)\nSentinel is listening on http:\S+\n$/.exec(
        printed,
      );
      ok(match, printed);
      admin = match[1]!;
      deepEqual(JSON.parse(await Deno.readTextFile(`${data}.lock`)).url, url);
      const refused = await finish(sentinel(["token", "list"], env));
      equal(refused.code, 1);
      ok(/is running: give an admin token/.test(refused.err), refused.err);
      const create = ["token", "create", "shop", "--write", "shop", "--expires", "90d"];
      const made = await finish(sentinel(create, { ...env, SENTINEL_TOKEN: admin }));
      ok(/^sentinel_\S+\n$/.test(made.out), made.err);
    });
    const list = await finish(sentinel(["token", "list"], env));
    ok(/^admin\t.*\nshop\twrite shop\tuntil /.test(list.out), list.out + list.err);
    equal((await finish(sentinel(["token", "revoke", "shop"], env))).code, 0);
    await withRealServer([], env, async (url, printed) => {
      equal(printed, `Sentinel is listening on ${url}\n`);
      const taken = await finish(sentinel(["serve", "--port", "0"], env));
      equal(taken.code, 1);
      match(taken.err, /^[^\n]*another data file\n$/);
    });
  });
});

Deno.test("what is imported into the demo server comes out of query, stats and export", async () => {
  await withDirectory(async (directory) => {
    const env = { SENTINEL_DATA: `${directory}/s.kv`, SENTINEL_TOKEN: "simulator-token-000" };
    const log = `${directory}/dpkg.log`;
    await Deno.writeTextFile(
      log,
      "2025-06-24 14:36:25 startup archives unpack\n" +
        "2025-06-24 14:36:26 status installed libc6:amd64 2.36-9\n",
    );
    await withRealServer(["--demo"], env, async (url) => {
      const port = new URL(url).port;
      const busy = await finish(
        sentinel(["serve", "--demo", "--port", port, "--data", `${directory}/t.kv`]),
      );
      equal(busy.code, 1);
      match(
        busy.err,
        new RegExp(`^Cannot listen on 127.0.0.1 port ${port}: another program does[^\n]*\n$`),
      );
      const imported = await finish(sentinel(["import", log, "--pattern", "dpkg"], env));
      match(imported.out, /^Imported 2 records/, imported.err);
      const found = await finish(sentinel(["query", "--attr", "package=libc6"], env));
      match(found.out, /^2025-06-24T14:36:26.000Z INFO {4}dpkg status installed libc6/);
      match((await finish(sentinel(["stats"], env))).out, /dpkg +2 /);
      const file = `${directory}/out.csv`;
      equal((await finish(sentinel(["export", file], env))).code, 0);
      const streamed = await finish(sentinel(["export", "--format", "csv"], env));
      equal(await Deno.readTextFile(file), streamed.out);
    });
  });
});
