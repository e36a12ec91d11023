import assert from "node:assert/strict";
import { cleanEnvironment, PROJECT, TOKENS, until, withServer } from "./_server.ts";

const FORMATS = ["native", "otlp", "loki", "elasticsearch", "syslog", "clef"];

/** Runs the simulator to its end, and gives its summary. */
async function simulate(args: readonly string[]): Promise<{ ok: boolean; accepted: number }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-P=simulate", "main.ts", "simulate", "--json", ...args],
    cwd: PROJECT,
    clearEnv: true,
    env: cleanEnvironment(),
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

for (const format of FORMATS) {
  Deno.test(`simulate --format ${format} stores what its services write, all of it`, async () => {
    await withServer(async (server) => {
      const [, syslog = ""] = /tcp:\/\/(\S+)/.exec(server.stdout()) ?? [];
      const { ok, accepted } = await simulate([
        ...[
          "--url",
          server.url,
          "--token",
          TOKENS.admin,
          "--format",
          format,
          "--syslog-to",
          syslog,
        ],
        ...["--services", "2", "--rate", "200", "--duration", "1s"],
        // Syslog has no answers to go by.
        ...(format === "syslog" ? [] : ["--canary"]),
      ]);
      assert.equal(ok, true);
      assert.ok(accepted > 200, `${accepted} records`);
      const records = await until("the records", async () => {
        const found = await server.get("/logs?limit=10000");
        return found.length >= accepted && found;
      });
      assert.equal(records.length, accepted);
      const services = new Set(records.map(({ service }: { service: string }) => service));
      assert.deepEqual(services, new Set(["auth-service", "payment-service"]));
      const severities = new Set(records.map(({ severity }: { severity: string }) => severity));
      assert.ok(severities.size >= 2, [...severities].join());
      // A fraction of nine digits goes through all but syslog, which has six.
      const digits = format === "syslog" ? /\.\d{6}Z$/ : /\.\d{9}Z$/;
      assert.ok(records.some(({ timestamp }: { timestamp: string }) => digits.test(timestamp)));
      const traced = records.find((record: Record<string, unknown>) =>
        record.trace_id !== undefined
      );
      if (format !== "syslog") assert.match(traced.trace_id, /^[0-9a-f]{32}$/);
      assert.ok(
        records.every((record: Record<string, unknown>) => record.attributes !== undefined),
      );
    }, { args: ["--syslog", "tcp://127.0.0.1:0"] });
  });
}
