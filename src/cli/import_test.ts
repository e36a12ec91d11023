import { deepEqual, equal, match, ok } from "node:assert/strict";
import { run, withDirectory, withServer } from "./_testing.ts";

interface Stored {
  readonly timestamp?: string;
  readonly service: string;
  readonly severity: string;
  readonly message: string;
  readonly attributes?: Record<string, unknown>;
}

/** Keeps records as the server does: all of a body or none, and each idempotency key once. */
class FakeLogs {
  readonly records: Stored[] = [];
  readonly #bodies = new Map<string, string>();
  /** Called with the number of the request, from 1; what it gives is answered after the records were stored. */
  interfere: (request: number) => Response | undefined = () => undefined;
  requests = 0;

  readonly handle = async (request: Request): Promise<Response> => {
    const body = await request.text();
    const key = request.headers.get("idempotency-key") ?? "";
    ok(key.length >= 1 && key.length <= 255, "every batch has a key");
    const records = body.split("\n").map((line) => JSON.parse(line) as Stored);
    const known = this.#bodies.get(key);
    if (known !== undefined && known !== body) {
      return Response.json({ error: "Another body" }, { status: 422 });
    }
    const bad = records.findIndex((record) => record.message === "bad");
    if (bad >= 0) {
      const details = [{ index: bad, field: "message", message: '"message" is bad' }];
      return Response.json({ error: "Bad", details }, { status: 400 });
    }
    if (known === undefined) this.records.push(...records);
    this.#bodies.set(key, body);
    return this.interfere(++this.requests) ??
      Response.json({ count: records.length }, { status: 201 });
  };
}

function ndjson(from: number, to: number): string {
  let text = "";
  for (let number = from; number < to; number++) {
    text += `${JSON.stringify({ service: "a", severity: "INFO", message: `m${number}` })}\n`;
  }
  return text;
}

function messages(logs: FakeLogs): string[] {
  return logs.records.map(({ message }) => message);
}

function expected(count: number): string[] {
  return Array.from({ length: count }, (_, number) => `m${number}`);
}

Deno.test("an import that breaks off anywhere goes on and stores every record once", async () => {
  for (let broken = 1; broken <= 4; broken++) {
    await withDirectory(async (directory) => {
      const file = `${directory}/log.ndjson`;
      await Deno.writeTextFile(file, ndjson(0, 35));
      const logs = new FakeLogs();
      await withServer(logs.handle, async (url) => {
        // The batch is stored, but the importer does not learn it: as if either had been killed in between.
        logs.interfere = (request) =>
          request === broken ? new Response("gone", { status: 500 }) : undefined;
        const first = await run("import", file, "--url", url, "--batch", "10");
        equal(first.code, 1);
        match(first.err, /^[^\n]*answered 500: gone\n$/);
        // The file has grown meanwhile, and another batch size must not move the batch in doubt.
        await Deno.writeTextFile(file, ndjson(35, 40), { append: true });
        const second = await run("import", file, "--url", url, "--batch", "7", "--json");
        equal(second.code, 0, second.err);
        const summary = JSON.parse(second.out);
        equal(summary.records, 40);
        equal(summary.bytes, (await Deno.stat(file)).size);
      });
      deepEqual(messages(logs), expected(40), `broken at request ${broken}`);
      deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["log.ndjson"]);
    });
  }
});

Deno.test("a resumed import of text sends the same bytes for the batch in doubt", async () => {
  await withDirectory(async (directory) => {
    const file = `${directory}/app.log`;
    await Deno.writeTextFile(file, "2025-01-01 00:00:00 one\nno time\nnone either\nlast\n");
    const logs = new FakeLogs();
    const pattern = "^(?<timestamp>\\d.{18}) (?<message>.*)$";
    await withServer(logs.handle, async (url) => {
      const line = ["import", file, "--url", url, "--batch", "2", "--service", "a"];
      logs.interfere = (request) => request === 2 ? new Response("", { status: 500 }) : undefined;
      equal((await run(...line, "--pattern", pattern)).code, 1);
      const other = await run(...line, "--pattern", "plain");
      equal(other.code, 1);
      match(other.err, /begun with other options/);
      const { code, out } = await run(...line, "--pattern", pattern);
      equal(code, 0);
      match(
        out,
        /^Imported 4 records .* resumed at byte \d+; 3 lines did not match and were kept whole\n$/,
      );
    });
    deepEqual(
      logs.records.map(({ timestamp, message }) => [timestamp, message]),
      ["one", "no time", "none either", "last"]
        .map((message) => ["2025-01-01T00:00:00.000Z", message]),
    );
  });
});

Deno.test("an import refuses to go on in a file that is another one now", async () => {
  await withDirectory(async (directory) => {
    const file = `${directory}/log.ndjson`;
    await Deno.writeTextFile(file, ndjson(0, 20));
    const logs = new FakeLogs();
    logs.interfere = (request) => request === 2 ? new Response("", { status: 500 }) : undefined;
    await withServer(logs.handle, async (url) => {
      const line = ["import", file, "--url", url, "--batch", "10"];
      equal((await run(...line)).code, 1);
      await Deno.writeTextFile(file, ndjson(100, 120));
      const { code, err } = await run(...line);
      equal(code, 1);
      match(err, /has changed since; remove .*log\.ndjson\.sentinel-import to import/);
    });
    deepEqual(messages(logs), expected(20));
  });
});

Deno.test("a bad record ends the import with its line, and a corrected file goes on", async () => {
  await withDirectory(async (directory) => {
    const file = `${directory}/log.ndjson`;
    const bad = ndjson(0, 25).replace('"m17"', '"bad"');
    await Deno.writeTextFile(file, `\n${bad}`);
    const logs = new FakeLogs();
    await withServer(logs.handle, async (url) => {
      const line = ["import", file, "--url", url, "--batch", "10"];
      const first = await run(...line);
      equal(first.code, 1);
      match(first.err, /^Line 19 was refused: "message" is bad/);
      await Deno.writeTextFile(file, `\n${ndjson(0, 25)}`);
      equal((await run(...line)).code, 0);
    });
    deepEqual(messages(logs), expected(25));
  });
});

Deno.test("--strict ends at a line that does not match; without it nothing is lost", async () => {
  await withDirectory(async (directory) => {
    const file = `${directory}/dpkg.log`;
    const long = "€".repeat(40_000);
    await Deno.writeTextFile(
      file,
      `2025-06-24 14:36:25 startup archives unpack\r\n\n??? odd\n${long}`,
    );
    const logs = new FakeLogs();
    await withServer(logs.handle, async (url) => {
      const line = ["import", file, "--url", url, "--pattern", "dpkg"];
      const strict = await run(...line, "--strict");
      equal(strict.code, 1);
      match(strict.err, /^Line 3 does not match --pattern dpkg: "\?\?\? odd"/);
      equal(logs.records.length, 0);
      const { code, out } = await run(...line, "--severity", "debug");
      equal(code, 0);
      match(out, /^Imported 4 records/);
    });
    const [first, odd, ...parts] = logs.records;
    deepEqual([first?.service, first?.severity, first?.message], [
      "dpkg",
      "DEBUG",
      "startup archives unpack",
    ]);
    deepEqual([odd?.message, odd?.timestamp], ["??? odd", first?.timestamp]);
    equal(parts.map(({ message }) => message).join(""), long);
    deepEqual(parts.map(({ attributes }) => attributes), [{ part: 1, parts: 2 }, {
      part: 2,
      parts: 2,
    }]);
  });
});

Deno.test("an import fills in what NDJSON records lack and leaves the rest as it is", async () => {
  await withDirectory(async (directory) => {
    const file = `${directory}/log.ndjson`;
    await Deno.writeTextFile(file, '{"message":"x"}\n{"message":"y","service":"own"}');
    const logs = new FakeLogs();
    await withServer(logs.handle, async (url) => {
      equal((await run("import", file, "--url", url, "--service", "given")).code, 0);
    });
    deepEqual(logs.records.map(({ service }) => service), ["given", "own"]);
  });
});

Deno.test("an import of JSON that is not UTF-8 names the line and stores nothing of its batch", async () => {
  await withDirectory(async (directory) => {
    const file = `${directory}/log.ndjson`;
    await Deno.writeFile(
      file,
      new Uint8Array([...new TextEncoder().encode("{}\n"), 0x22, 0xff, 0x22]),
    );
    const logs = new FakeLogs();
    await withServer(logs.handle, async (url) => {
      const { code, err } = await run("import", file, "--url", url);
      equal(code, 1);
      match(err, /^Line 2 is not UTF-8/);
    });
    equal(logs.records.length, 0);
  });
});
