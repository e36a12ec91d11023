import assert from "node:assert/strict";
import { debianPrograms, startSyslogNg } from "./_debian.ts";
import { withOverload } from "./_overload.ts";
import { clientTest, run, runNode, runPython } from "./_programs.ts";
import { assertRecent, withReceiver } from "./_receiver.ts";
import { snippet } from "./_snippet.ts";

for (const batch of ["true", "false"]) {
  clientTest(
    `winston's Http transport ships records, with batch: ${batch}`,
    "node",
    () =>
      withReceiver(async (receiver) => {
        const configuration = snippet("winston's Http transport", receiver)
          .replace("batch: true", `batch: ${batch}, batchCount: 2`);
        await runNode(`${configuration}
const failed = new Promise((_, reject) => transport.on("warn", reject));
const logged = new Promise((resolve) => transport.on("logged", resolve));
logger.error("paid twice", { order: 7 });
logger.silly("chatter");
await Promise.race([logged, failed]);`);
        const records = await receiver.until(2);
        const error = records.find(({ severity }) => severity === "ERROR")!;
        assertRecent(error.timestamp);
        assert.deepEqual([error.message, error.service, error.attributes], ["paid twice", "shop", {
          order: 7,
        }]);
        const chatter = records.find(({ severity_text: text }) => text === "silly")!;
        assert.equal(chatter.severity, "TRACE");
        await receiver.assertAllAnswered();
      }),
  );
}

for (const type of ["ndjson", "json"]) {
  clientTest(
    `pino-http-send ships pino's records as ${type}, and sends again what was refused`,
    "node",
    () =>
      withReceiver(async (receiver, dir) => {
        await withOverload(receiver, dir, 1, async (overloaded) => {
          const configuration = snippet("pino-http-send", overloaded)
            .replace('"ndjson"', `"${type}", interval: 50, silent: true`);
          await runNode(`${configuration}
logger.warn({ order: 7 }, "low stock");
logger.fatal("no stock");`);
          const [low, no] = await receiver.until(2);
          assertRecent(low!.timestamp);
          assert.deepEqual([low!.service, low!.severity, low!.message, low!.attributes.order], [
            "shop",
            "WARNING",
            "low stock",
            7,
          ]);
          assert.deepEqual([no!.severity, no!.message], ["FATAL", "no stock"]);
          assert.deepEqual(overloaded.seen.map(({ status }) => status), [503, 200]);
        });
      }),
  );
}

clientTest("LogTape ships lines of JSON", "node", () =>
  withReceiver(async (receiver) => {
    await runNode(`${snippet("LogTape without OpenTelemetry", receiver)}
logger.warn("Order {id} is late", { id: 7 });
await dispose();`);
    const [record] = await receiver.until(1);
    assertRecent(record!.timestamp);
    assert.deepEqual([record!.severity, record!.message], ["WARNING", "Order 7 is late"]);
    assert.deepEqual([record!.attributes.logger, record!.attributes.properties], ["shop", {
      id: 7,
    }]);
    await receiver.assertAllAnswered();
  }));

clientTest(
  "Python's HTTPHandler ships its form",
  "python3",
  () =>
    withReceiver(async (receiver) => {
      await runPython(`${snippet("Python's HTTPHandler", receiver)}
logger = logging.getLogger("shop.cart")
logger.error("Größe & Preis: %s", 7, extra={"order": "a=b"})
logger.critical("down")`);
      const [error, critical] = await receiver.until(2);
      assertRecent(error!.timestamp);
      assert.deepEqual([error!.service, error!.severity, error!.message], [
        "shop.cart",
        "ERROR",
        "Größe & Preis: %s",
      ]);
      assert.deepEqual([error!.attributes.args, error!.attributes.order], ["(7,)", "a=b"]);
      assert.deepEqual([critical!.severity, critical!.severity_text], ["FATAL", "CRITICAL"]);
      await receiver.assertAllAnswered();
    }),
);

clientTest(
  "curl ships lines, chunked and compressed, waiting for a 100",
  "curl",
  () =>
    withReceiver(async (receiver, dir) => {
      const command = snippet("curl", receiver);
      const lines = (...texts: string[]) =>
        texts.map((message) => JSON.stringify({ message, level: "warn" })).join("\n");
      const post = async (input: string, ...more: string[]) => {
        const script = [command, ...more.map((argument) => `'${argument}'`)].join(" ");
        assert.equal(await run("sh", ["-c", `set -e; ${script}`], { input }), "{}");
      };
      await post(lines("one", "two"));
      await post(lines("three"), "-H", "Transfer-Encoding: chunked");
      await post(lines("four"), "-H", "Expect: 100-continue", "--expect100-timeout", "20");
      await Deno.writeTextFile(`${dir}/lines`, lines("five"));
      const compressed = `gzip -c '${dir}/lines' | ${command} -H 'Content-Encoding: gzip'`;
      assert.equal(await run("sh", ["-c", compressed]), "{}");
      // curl calls whatever it sends with -d a form.
      const url = `${receiver.url}/ingest/json?apiKey=${receiver.token}`;
      assert.equal(await run("curl", ["-sSf", "-d", '{"message":"six"}', url]), "{}");
      assert.match(await run("curl", ["-sSfI", url]), /^HTTP\/1\.1 200 /);
      assert.match(
        await run("curl", ["-sSfi", "-X", "OPTIONS", url]),
        /^HTTP\/1\.1 204 [^]*\nallow: POST, GET, HEAD\r/,
      );
      const records = await receiver.until(6);
      assert.deepEqual(records.map(({ message }) => message), [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
      ]);
      assert.equal(records[0]!.severity, "WARNING");
      await receiver.assertAllAnswered();
    }),
);

const debian = await debianPrograms();

clientTest(
  "syslog-ng's http destination ships lines of JSON, and sends again what was refused",
  debian?.syslogNg,
  () =>
    withReceiver(async (receiver, dir) => {
      await withOverload(receiver, dir, 1, async (overloaded) => {
        const destination = snippet("syslog-ng's http destination", overloaded)
          .replace(
            "destination d_sentinel",
            "options { time-reopen(1); };\ndestination d_sentinel",
          );
        const shipper = await startSyslogNg(debian!, dir, destination);
        try {
          await run("logger", [
            "-u",
            shipper.socket,
            "-t",
            "shop",
            "-p",
            "local3.err",
            'no stock of "Größe"',
          ]);
          const [record] = await receiver.until(1);
          assertRecent(record!.timestamp);
          assert.deepEqual([record!.service, record!.severity, record!.message], [
            "shop",
            "ERROR",
            'no stock of "Größe"',
          ]);
          assert.deepEqual(overloaded.seen.map(({ status }) => status), [503, 200]);
        } finally {
          await shipper.stop();
        }
      });
    }),
);
