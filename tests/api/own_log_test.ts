import assert from "node:assert/strict";
import { TestServer, until, withFolder, withServer } from "../_server.ts";
import { logs, record } from "./_records.ts";

Deno.test("serve --own-log keeps its own log as records, over a restart", async () => {
  await withFolder(async (dir) => {
    const args = ["--own-log"];
    let server = await TestServer.start({ dir, args });
    await server.stop();
    server = await server.restart();
    const found = await until("the events of both starts", async () => {
      const events = await server.get(logs({ service: "log-sentinel", order: "asc" }));
      return events.length >= 3 && events;
    });
    assert.deepEqual(
      found.map(({ severity, message }: Record<string, string>) => [severity, message]),
      [["INFO", "Started"], ["INFO", "Stopping"], ["INFO", "Started"]],
    );
    assert.equal(found[2].attributes.url, server.url);
    assert.equal(found[2].attributes.records, 2);
    assert.equal(await server.figure("own_log_records_stored_total"), 1);
    assert.equal(await server.figure("own_log_records_dropped_total"), 0);
    // What is stored is on stderr as well, in the same form.
    const lines = server.stderr().trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ message }) => message), ["Started", "Stopping", "Started"]);
    assert.deepEqual(lines[2].attributes, found[2].attributes);
    await server.stop();
  });
});

Deno.test("--own-log takes a service's name; --log-level and --log-format decide what is told and how", async () => {
  const args = ["--own-log", "watcher", "--log-level", "warning", "--log-format", "text"];
  await withServer(async (server) => {
    await server.post(record("other"));
    const { body } = await server.call("/stats");
    assert.deepEqual(body.logs_per_service, { other: 1 });
    assert.equal(server.stderr(), "");
  }, { args });
  await withServer(async (server) => {
    await until(
      "the event",
      async () => (await server.get("/stats")).logs_per_service.watcher === 1,
    );
    assert.match(
      server.stderr(),
      /^\d{4}-\d\d-\d\dT[\d:.]+Z INFO {4}Started version="[\d.]+" url="http:\S+" data=\S+ records=0\n$/,
    );
  }, { args: ["--own-log", "watcher", "--log-format", "text"] });
});

Deno.test("without --own-log nothing of it is stored", async () => {
  await withServer(async (server) => {
    assert.match(server.stderr(), /"message":"Started"/);
    assert.deepEqual((await server.get("/stats")).logs_per_service, {});
  }, { env: { SENTINEL_OWN_LOG: "false" } });
});
