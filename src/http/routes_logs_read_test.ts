import assert from "node:assert/strict";
import { recordAt, testApp } from "./_test_app.ts";

function nextPath(response: Response): string | undefined {
  return /^<(.*)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
}

Deno.test("GET /logs follows its Link from page to page, with the same filters, to the end", async () => {
  const { call, post } = await testApp();
  await post(...Array.from({ length: 25 }, (_, i) => recordAt(i)));
  await post(recordAt(3, { service: "other" }));
  const ids: number[] = [];
  let path: string | undefined = "/logs?service=auth&limit=10&q=%22message%22";
  let pages = 0;
  while (path !== undefined) {
    const response: Response = await call(path);
    assert.equal(response.status, 200);
    ids.push(...(await response.json()).map((record: { id: number }) => record.id));
    path = nextPath(response);
    if (path !== undefined) assert.ok(path.startsWith("/logs?service=auth&limit=10&q="), path);
    if (pages++ === 0) await post(recordAt(5));
  }
  assert.equal(pages, 3);
  assert.deepEqual(ids, Array.from({ length: 25 }, (_, i) => 25 - i));
});

Deno.test("GET /logs gives records in their public shape", async () => {
  const { call, post, store } = await testApp();
  await post(recordAt(0, { attributes: { n: 1 }, trace_id: "t" }));
  const response = await call("/logs");
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("link"), null);
  assert.deepEqual(await response.json(), [{
    id: 1,
    timestamp: "2025-04-01T12:00:00.000Z",
    service: "auth",
    severity: "INFO",
    message: "message 0",
    received_at: "2025-06-15T15:06:40.000Z",
    attributes: { n: 1 },
    trace_id: "t",
  }]);
  assert.equal(store.openSnapshots, 0);
});

Deno.test("GET /logs refuses unknown parameters, bad values and types that it does not speak", async () => {
  const { call, store } = await testApp();
  for (
    const query of ["?sevice=x", "?limit=0", "?limit=10001", "?order=up", "?cursor=x", "?q=%22"]
  ) {
    const response = await call(`/logs${query}`);
    assert.equal(response.status, 400, query);
    assert.equal(typeof (await response.json()).error, "string");
  }
  const response = await call("/logs", { headers: { accept: "image/png" } });
  assert.equal(response.status, 406);
  assert.match((await response.json()).error, /application\/x-ndjson/);
  assert.equal(store.openSnapshots, 0);
});

Deno.test("an export streams every match as NDJSON or CSV, or as many as asked for", async () => {
  const { call, post, store } = await testApp();
  const count = 2_500;
  await post(...Array.from({ length: count }, (_, i) => recordAt(i, { message: "x".repeat(300) })));
  const ndjson = await call("/logs?order=asc", { headers: { accept: "application/x-ndjson" } });
  assert.equal(ndjson.headers.get("content-type"), "application/x-ndjson");
  const ids = (await ndjson.text()).trimEnd().split("\n").map((line) => JSON.parse(line).id);
  assert.deepEqual(ids, Array.from({ length: count }, (_, i) => i + 1));
  const csv = await call("/logs?limit=3", { headers: { accept: "text/csv" } });
  assert.equal(csv.headers.get("content-type"), "text/csv; charset=utf-8");
  assert.equal((await csv.text()).trimEnd().split("\r\n").length, 4);
  assert.equal(store.openSnapshots, 0);
});

Deno.test("format stands for Accept in a link, and the answer is a file to save", async () => {
  const { call, post } = await testApp();
  await post(recordAt(1), recordAt(2));
  const ndjson = await call("/logs?format=ndjson", { headers: { accept: "text/html,*/*" } });
  assert.equal(ndjson.headers.get("content-type"), "application/x-ndjson");
  const disposition = ndjson.headers.get("content-disposition");
  assert.equal(disposition, 'attachment; filename="logs-20250601T000000Z.ndjson"');
  assert.equal((await ndjson.text()).trimEnd().split("\n").length, 2);
  const csv = await call("/logs?format=csv&limit=1");
  assert.match(csv.headers.get("content-disposition")!, /\.csv"$/);
  assert.equal((await csv.text()).trimEnd().split("\r\n").length, 2);
  const json = await call("/logs?format=json&limit=1", { headers: { accept: "text/csv" } });
  assert.equal((await json.json()).length, 1);
  assert.match(json.headers.get("link")!, /format=json/);
  const accepted = await call("/logs", { headers: { accept: "text/csv" } });
  assert.equal(accepted.headers.get("content-disposition"), null);
  await accepted.text();
  for (const query of ["?format=xml", "?format=csv&format=csv", "?format="]) {
    const response = await call(`/logs${query}`);
    assert.equal(response.status, 400, query);
    assert.match((await response.json()).error, /"format"/);
  }
});

Deno.test("a text query that cannot be read is a 400 that says where", async () => {
  const { call } = await testApp();
  for (const path of ["/logs", "/stats", "/histogram", "/logs/tail"]) {
    const response = await call(`${path}?q=${encodeURIComponent('é🙂 a "open')}`);
    assert.equal(response.status, 400);
    const body = await response.json();
    assert.deepEqual(Object.keys(body), ["error", "offset"]);
    assert.equal(body.offset, "é🙂 a ".length);
  }
});

Deno.test("an export reads no more than its reader takes, and gives the snapshot back when it leaves", async () => {
  const { call, post, store } = await testApp();
  for (let batch = 0; batch < 4; batch++) {
    await post(
      ...Array.from({ length: 2_000 }, (_, i) => recordAt(i, { message: "x".repeat(500) })),
    );
  }
  let reads = 0;
  store.beforeRead = () => {
    reads++;
  };
  const response = await call("/logs", { headers: { accept: "application/x-ndjson" } });
  assert.equal(reads, 1);
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  assert.ok(value!.length > 250_000);
  assert.ok(reads <= 2, `${reads} reads`);
  assert.equal(store.openSnapshots, 1);
  await reader.cancel();
  assert.equal(store.openSnapshots, 0);
});

Deno.test("an export whose reader leaves in the middle of a read gives the snapshot back after it", async () => {
  const { call, post, store } = await testApp();
  await post(...Array.from({ length: 2_500 }, (_, i) => recordAt(i)));
  const response = await call("/logs", { headers: { accept: "application/x-ndjson" } });
  const { promise, resolve } = Promise.withResolvers<void>();
  store.beforeRead = () => promise;
  const reader = response.body!.getReader();
  const first = reader.read();
  const left = reader.cancel();
  assert.equal((await first).done, true);
  assert.equal(store.openSnapshots, 1);
  resolve();
  await left;
  assert.equal(store.openSnapshots, 0);
});

Deno.test("damage known before the headers is told in one; damage found later breaks the stream", async () => {
  const { call, post, store } = await testApp();
  await post(...Array.from({ length: 2_500 }, (_, i) => recordAt(i)));
  store.damage = ["segment 7 is damaged:\n\u00e9"];
  const header = (response: Response) => response.headers.get("sentinel-incomplete");
  for (const path of ["/logs", "/logs/1", "/logs/1/context", "/stats", "/histogram", "/logs/99"]) {
    const response = await call(path);
    assert.equal(header(response), "segment 7 is damaged:??", path);
    await response.body?.cancel();
  }
  const accept = { headers: { accept: "application/x-ndjson" } };
  const whole = await call("/logs", accept);
  assert.equal(header(whole), "segment 7 is damaged:??");
  assert.equal((await whole.text()).trimEnd().split("\n").length, 2_500);

  const broken = await call("/logs", accept);
  store.damage.push("segment 8 is damaged");
  await assert.rejects(broken.text(), /segment 8 is damaged/);
  assert.equal(store.openSnapshots, 0);
});

Deno.test("an export that fails before its headers is an error as any other", async () => {
  const { call, post, store } = await testApp();
  await post(recordAt(1));
  const accept = { headers: { accept: "text/csv" } };
  assert.equal((await call("/logs?cursor=bad", accept)).status, 400);
  store.beforeRead = () => {
    throw new Error("broken");
  };
  assert.equal((await call("/logs", accept)).status, 500);
  assert.equal(store.openSnapshots, 0);
});

Deno.test("GET /logs/:id gives one record, a 404 for none, a 400 for what is no id", async () => {
  const { call, post, store } = await testApp();
  await post(recordAt(1));
  assert.equal((await (await call("/logs/1")).json()).message, "message 1");
  const none = await call("/logs/2");
  assert.equal(none.status, 404);
  assert.deepEqual(await none.json(), { error: "There is no record with id 2" });
  for (const id of ["x", "-1", "1.5", "1e3", "9".repeat(30)]) {
    assert.equal((await call(`/logs/${id}`)).status, 400, id);
  }
  assert.equal((await call("/logs/1?limit=1")).status, 400);
  assert.equal(store.openSnapshots, 0);
});

Deno.test("GET /logs/:id/context gives neighbours of the same service in ascending order", async () => {
  const { call, post } = await testApp();
  await post(
    ...[0, 1, 2].map((n) => recordAt(n)),
    recordAt(1, { service: "other" }),
    ...[3, 4].map((n) => recordAt(n)),
  );
  const context = await (await call("/logs/3/context?before=1&after=5")).json();
  const messages = (records: { message: string }[]) => records.map(({ message }) => message);
  assert.deepEqual(messages(context.before), ["message 1"]);
  assert.equal(context.record.id, 3);
  assert.deepEqual(messages(context.after), ["message 3", "message 4"]);
  assert.equal((await (await call("/logs/3/context")).json()).before.length, 2);
  assert.equal((await call("/logs/99/context")).status, 404);
  for (const query of ["?before=1001", "?after=-1", "?before=x", "?limit=3"]) {
    assert.equal((await call(`/logs/3/context${query}`)).status, 400, query);
  }
});
