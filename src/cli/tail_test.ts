import { deepEqual, equal, match } from "node:assert/strict";
import { readEvents } from "./_event_stream.ts";
import { run, withServer } from "./_testing.ts";

const RECORD = {
  id: 7,
  timestamp: "2025-04-01T12:00:00.000Z",
  service: "auth",
  severity: "ERROR",
  message: "no",
  received_at: "2025-04-01T12:00:00.000Z",
};

function log(id: number): string {
  return `id: ${id}\nevent: log\ndata: ${JSON.stringify({ ...RECORD, id })}\n\n`;
}

function events(text: string): Response {
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}

/** What each connection gets, one after the other; then the token is unknown, which ends the command. */
async function tail(args: string[], answers: (string | number)[]) {
  const asked: (string | null)[] = [];
  let outcome = { code: -1, out: "", err: "" };
  let query = "";
  await withServer((request) => {
    asked.push(request.headers.get("last-event-id"));
    query = new URL(request.url).search;
    const answer = answers.shift() ?? 401;
    if (typeof answer === "string") return events(answer);
    return Response.json({ error: "no" }, { status: answer });
  }, async (url) => {
    outcome = await run("tail", "--url", url, ...args);
  });
  return { ...outcome, asked, query };
}

Deno.test("tail prints records as they come and goes on after the last id when a connection ends", async () => {
  const { code, out, asked, query } = await tail(["--service", "auth", "--min-severity", "error"], [
    `retry: 1000\nid: 5\n\n${log(7)}`,
    503,
    `: still here\n\n${log(8)}id: 12\n\n`,
    log(13).replaceAll("\n", "\r\n"),
  ]);
  equal(code, 1);
  deepEqual(asked, [null, "7", "7", "12", "13"]);
  equal(query, "?service=auth&min_severity=ERROR");
  equal(out, "2025-04-01T12:00:00.000Z ERROR   auth no\n".repeat(3));
});

Deno.test("tail --json prints each record as the API gives it, and what was missed apart", async () => {
  const { out, err, asked } = await tail(["--json", "--after", "3"], [
    `${log(7)}id: 20\nevent: missed\ndata: {"count":5,"through_id":20}\n\n` +
    'event: incomplete\ndata: {"error":"segment 7 is damaged"}\n\n',
  ]);
  deepEqual(JSON.parse(out), RECORD);
  match(err, /^Missed 5 record\(s\): they came faster/);
  match(err, /^Incomplete: segment 7 is damaged$/m);
  deepEqual(asked, ["3", "20"]);
});

Deno.test("tail ends with one line when no server answers at first, or it refuses", async () => {
  const refused = await tail([], [400]);
  equal(refused.code, 1);
  match(refused.err, /^\S+ answered 400: no\n$/);
  let gone = "";
  await withServer(() => new Response(), (url) => Promise.resolve(void (gone = url)));
  const away = await run("tail", "--url", gone);
  equal(away.code, 1);
  match(away.err, /^No server answers at[^\n]*\n$/);
});

Deno.test("readEvents() reads events however their bytes are cut", async () => {
  const text =
    "id: 1\nevent: log\ndata: é\ndata: 2\n\n:c\n\nid: 2\n\ndata\n\ndata:x\r\n\r\ndata: cut";
  const expected = [
    { type: "log", data: "é\n2", lastId: "1" },
    { type: "message", data: "", lastId: "2" },
    { type: "message", data: "", lastId: "2" },
    { type: "message", data: "x", lastId: "2" },
  ];
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 7, bytes.length]) {
    const pieces = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, i) => bytes.slice(i * size, (i + 1) * size),
    );
    deepEqual(await Array.fromAsync(readEvents(ReadableStream.from(pieces))), expected);
  }
});
