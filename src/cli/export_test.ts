import { deepEqual, equal, match, ok } from "node:assert/strict";
import { nextCursor } from "./_pages.ts";
import { exportHead, exportText } from "./_record_text.ts";
import type { ApiRecord } from "./_record_line.ts";
import { run, withDirectory, withServer } from "./_testing.ts";

function record(id: number, message = `m${id}`): ApiRecord {
  const timestamp = "2025-04-01T12:00:00.000Z";
  return { id, timestamp, service: "a", severity: "INFO", message, received_at: timestamp };
}

/** Answers `GET /logs` page by page, three records a page whatever is asked for, as far as `broken` lets it. */
function pages(total: number, broken: { at: number; requests: string[] }) {
  return (request: Request): Response => {
    const url = new URL(request.url);
    broken.requests.push(url.search);
    if (broken.requests.length === broken.at) return new Response("gone", { status: 500 });
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const limit = Math.min(3, Number(url.searchParams.get("limit")), total - from);
    const records = Array.from({ length: limit }, (_, index) => record(from + index + 1));
    const next = new URLSearchParams(url.searchParams);
    next.set("cursor", String(from + limit));
    const headers = new Headers();
    if (from + limit < total) headers.set("link", `</logs?${next}>; rel="next"`);
    return Response.json(records, { headers });
  };
}

function lines(count: number): string {
  return exportText(Array.from({ length: count }, (_, index) => record(index + 1)), "ndjson");
}

Deno.test("an export to a file that breaks off leaves no file, goes on, and ends up whole", async () => {
  for (const at of [1, 2, 3, 4]) {
    await withDirectory(async (directory) => {
      const file = `${directory}/all.ndjson`;
      const broken = { at, requests: [] as string[] };
      await withServer(pages(11, broken), async (url) => {
        equal((await run("export", file, "--url", url)).code, 1);
        equal([...Deno.readDirSync(directory)].some(({ name }) => name === "all.ndjson"), false);
        // A kill between the page and its note leaves more in the part file than the note says.
        await Deno.writeTextFile(`${file}.part`, '{"half', { append: true });
        const { code, out } = await run("export", file, "--url", url);
        equal(code, 0);
        match(out, /^Exported 11 records/);
      });
      equal(await Deno.readTextFile(file), lines(11));
      deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["all.ndjson"]);
      equal(broken.requests.length, 5, "no page is read twice but the broken one");
    });
  }
});

Deno.test("an export with other filters does not go on from where another stopped", async () => {
  await withDirectory(async (directory) => {
    const file = `${directory}/all.ndjson`;
    const broken = { at: 3, requests: [] as string[] };
    await withServer(pages(11, broken), async (url) => {
      equal((await run("export", file, "--url", url)).code, 1);
      equal((await run("export", file, "--url", url, "--service", "a", "--limit", "5")).code, 0);
    });
    equal(await Deno.readTextFile(file), lines(5));
  });
});

/** Answers the first connection with a chunked body that lacks its end (RFC 9112 section 7.1), then hangs up. */
async function answerCut(listener: Deno.Listener, body: string): Promise<void> {
  using connection = await listener.accept();
  await connection.read(new Uint8Array(65_536));
  const length = new TextEncoder().encode(body).length.toString(16);
  const answer = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${length}\r\n${body}\r\n`;
  await connection.write(new TextEncoder().encode(answer));
}

Deno.test("an export to stdout that the server cuts is an error", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answered = answerCut(listener, lines(1));
  const { code, out, err } = await run("export", "--url", `http://127.0.0.1:${listener.addr.port}`);
  await answered;
  equal(code, 1);
  equal(out, lines(1));
  match(err, /^The export was cut short/);
});

Deno.test("an export says what is missing and ends with 1, but keeps what there is", async () => {
  await withDirectory(async (directory) => {
    const file = `${directory}/all.csv`;
    const damaged = () =>
      Response.json([record(1)], { headers: { "sentinel-incomplete": "segment 7" } });
    await withServer(damaged, async (url) => {
      const { code, err } = await run("export", file, "--url", url);
      equal(code, 1);
      equal(err, "The export lacks what is damaged: segment 7\n");
    });
    ok((await Deno.readTextFile(file)).startsWith("id,timestamp,service"));
  });
});

Deno.test("CSV cells are quoted as RFC 4180 wants", () => {
  const text = exportText([{ ...record(1, 'a "b",\nc'), attributes: { x: 1 } }], "csv");
  equal(
    exportHead("csv") + text,
    "id,timestamp,service,severity,message,received_at,trace_id,span_id,attributes\r\n" +
      '1,2025-04-01T12:00:00.000Z,a,INFO,"a ""b"",\nc",2025-04-01T12:00:00.000Z,,,"{""x"":1}"\r\n',
  );
});

Deno.test("nextCursor() finds the cursor among the links of a page", () => {
  const base = "http://127.0.0.1:5000";
  equal(nextCursor('</logs?limit=2&cursor=a%2Fb>; rel="next"', base), "a/b");
  equal(nextCursor('<https://x/logs?cursor=c>; rel="next"', base), "c");
  equal(nextCursor('</logs>; rel="prev"', base), undefined);
  equal(nextCursor(null, base), undefined);
});
