import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { type TestServer, withServer } from "../_server.ts";
import { ndjson, record } from "../api/_records.ts";
import { command, type Outcome } from "./_command.ts";

/** What happens to a request on its way to the server. */
type Meddle = (request: Request, forward: () => Promise<Response>) => Promise<Response>;

const NOON = "2025-04-01T12:00:00Z";
const pass: Meddle = (_, forward) => forward();

/** `archive --before` noon, at a server behind a proxy, so that a test can meddle with what they say to each other. */
async function withProxy(
  server: TestServer,
  use: (
    archive: (meddle: Meddle, ...args: string[]) => Promise<Outcome>,
  ) => Promise<void>,
): Promise<void> {
  let meddle = pass;
  const proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    return meddle(request, () => fetch(server.url + pathname + search, { method, headers }));
  });
  const url = `http://127.0.0.1:${proxy.addr.port}`;
  await use((how, ...args) => {
    meddle = how;
    return command("archive", "--url", url, "--before", NOON, ...args);
  });
  await proxy.shutdown();
}

/** Refuses to delete, after the server did it or before. */
function refuse(when: "before" | "after"): Meddle {
  return async ({ method }, forward) => {
    if (method !== "DELETE") return await forward();
    if (when === "after") await (await forward()).body?.cancel();
    return new Response('{"error": "gone"}', { status: 500 });
  };
}

const at = (second: number) => new Date(Date.parse(NOON) + second * 1000).toISOString();

async function fill(server: TestServer): Promise<number[]> {
  const old = Array.from({ length: 500 }, (_, i) => record("a", { timestamp: at(i - 500) }));
  const ids = await server.post(old);
  await server.post([
    record("b", { timestamp: at(-1) }),
    record("a", { timestamp: at(0) }),
    record("a", { timestamp: at(5) }),
  ]);
  return ids;
}

async function idsOf(server: TestServer): Promise<number[]> {
  const { text } = await server.call("/logs", { headers: { accept: "application/x-ndjson" } });
  return ndjson(text).map(({ id }) => id).sort((a, b) => a - b);
}

Deno.test("archive deletes exactly what it has written, not what arrives meanwhile with an old timestamp", async () => {
  await withServer((server) =>
    withProxy(server, async (archive) => {
      const ids = await fill(server);
      const file = `${server.dir}/old.ndjson.gz`;
      const late: number[] = [];
      const { code, out, err } = await archive(async ({ method }, forward) => {
        if (method === "DELETE") {
          late.push(...await server.post(record("a", { timestamp: at(-100) })));
        }
        return await forward();
      }, ...["--service", "a", "--output", file]);
      assert.equal(code, 0, err);
      assert.match(out, /^Archived 500 records before .* and deleted 500 in /);
      const written = ndjson(gunzipSync(Deno.readFileSync(file)).toString());
      assert.deepEqual(written.map(({ id }) => id), ids);
      assert.deepEqual(await idsOf(server), [501, 502, 503, ...late]);
      const names = [...Deno.readDirSync(server.dir)].map(({ name }) => name);
      assert.deepEqual(names.filter((name) => name.startsWith("old")), ["old.ndjson.gz"]);
    })
  );
});

for (const when of ["before", "after"] as const) {
  Deno.test(`an archive that stopped ${when} its deletion goes on with what it had written`, async () => {
    await withServer((server) =>
      withProxy(server, async (archive) => {
        await fill(server);
        const file = `${server.dir}/old.ndjson.zst`;
        const options = ["--service", "a", "--output", file];
        const first = await archive(refuse(when), ...options);
        assert.equal(first.code, 1);
        assert.match(first.err, /is complete, but its records may not be deleted: .* gone; give/);
        const [late] = await server.post(record("a", { timestamp: at(-50) }));
        const other = await archive(pass, ...options, "--severity", "INFO");
        assert.match(other.err, /is of another archive that did not end/);
        const second = await archive(pass, ...options);
        assert.equal(second.code, 0, second.err);
        const deleted = when === "before" ? 500 : 0;
        assert.match(second.out, new RegExp(`^Archived 500 records .* deleted ${deleted} in`));
        assert.deepEqual(await idsOf(server), [501, 502, 503, late]);
        const third = await archive(pass, ...options);
        assert.match(third.err, /exists, and nothing is overwritten/);
      })
    );
  });
}

Deno.test("nothing is deleted in a dry run, after a stream that was cut or lacks a line, or for a damaged file", async () => {
  await withServer((server) =>
    withProxy(server, async (archive) => {
      await fill(server);
      const all = await idsOf(server);
      const file = `${server.dir}/old.ndjson`;
      const dry = await archive(pass, "--output", file, "--dry-run");
      assert.equal(dry.out, `501 records before ${NOON} would be archived\n`);

      const cut = await archive(async (_, forward) => {
        const response = await forward();
        const text = await response.text();
        return new Response(text.slice(0, -10), response);
      }, ...["--output", file]);
      assert.equal(cut.code, 1);
      assert.match(cut.err, /^Line 501 of .* is wrong: it has no end; nothing was deleted\n$/);

      const short = await archive(async ({ method }, forward) => {
        const response = await forward();
        if (method === "DELETE") return response;
        const text = await response.text();
        return new Response(text.slice(text.indexOf("\n") + 1), response);
      }, ...["--output", file]);
      assert.equal(short.code, 1);
      assert.match(short.err, /501 records match, which is more than 500/);
      assert.deepEqual(await idsOf(server), all);
      await Deno.remove(file);

      assert.equal((await archive(refuse("before"), "--output", file)).code, 1);
      const text = await Deno.readTextFile(file);
      await Deno.writeTextFile(file, text.replace("hello", "hullo"));
      const damaged = await archive(pass, "--output", file);
      assert.match(damaged.err, /is damaged: .*; nothing was deleted\n$/);
      assert.deepEqual(await idsOf(server), all);
    })
  );
});
