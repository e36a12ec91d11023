import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { patternOf, readTime } from "./_import_pattern.ts";
import { UsageError } from "./errors.ts";

const CONTEXT = { zone: "Z", startedAt: new Date("2026-03-01T12:00:00Z") };

function find(pattern: string, text: string) {
  return patternOf(pattern).find(text, CONTEXT);
}

Deno.test("readTime() reads what logs write, and nothing else", () => {
  equal(readTime("2025-06-24 14:36:25", "Z"), "2025-06-24T14:36:25.000Z");
  equal(readTime("2025-06-24  14:36:25", "+02:00"), "2025-06-24T12:36:25.000Z");
  equal(readTime("2025-06-24T14:36:25,123456", "Z"), "2025-06-24T14:36:25.123456Z");
  equal(readTime("2025-06-24T14:36:25.5+0200", "Z"), "2025-06-24T12:36:25.500Z");
  equal(readTime("2025-06-24 14:36:25 UTC", "+02:00"), "2025-06-24T14:36:25.000Z");
  equal(readTime("2025-02-30 14:36:25", "Z"), undefined);
  equal(readTime("yesterday", "Z"), undefined);
});

Deno.test("the dpkg pattern reads every kind of line that dpkg writes", () => {
  deepEqual(find("dpkg", "2025-06-24 14:36:25 startup archives unpack"), {
    timestamp: "2025-06-24T14:36:25.000Z",
    message: "startup archives unpack",
    attributes: { action: "startup", type: "archives", command: "unpack" },
  });
  deepEqual(
    find("dpkg", "2025-06-24 14:36:25 status half-configured libudev1:amd64 252.36-1~deb12u1")
      ?.attributes,
    {
      action: "status",
      state: "half-configured",
      package: "libudev1",
      architecture: "amd64",
      version: "252.36-1~deb12u1",
    },
  );
  deepEqual(
    find("dpkg", "2025-06-24 14:36:29 install perl-modules-5.36:all <none> 5.36.0-7+deb12u2")
      ?.attributes,
    {
      action: "install",
      package: "perl-modules-5.36",
      architecture: "all",
      from_version: "<none>",
      to_version: "5.36.0-7+deb12u2",
    },
  );
  equal(find("dpkg", "2025-06-24 14:36:29"), undefined);
  equal(find("dpkg", "2025-13-24 14:36:29 startup archives unpack"), undefined);
});

Deno.test("the apt-history pattern makes one record of a stanza and keeps its text", () => {
  const stanza = `Start-Date: 2025-06-24  14:36:29
Commandline: apt-get install -qqy curl
Requested-By: alice (1000)
Install: libssh2-1:amd64 (1.10.0-3+b1, automatic), curl:amd64 (7.88.1-10+deb12u12)
Upgrade: libudev1:amd64 (252.36-1~deb12u1, 252.38-1~deb12u1)
End-Date: 2025-06-24  14:36:40`;
  deepEqual(find("apt-history", `\n${stanza}\n\n`), {
    timestamp: "2025-06-24T14:36:29.000Z",
    message: stanza,
    attributes: {
      commandline: "apt-get install -qqy curl",
      requested_by: "alice (1000)",
      end_date: "2025-06-24T14:36:40.000Z",
      install_packages: 2,
      upgrade_packages: 1,
    },
  });
  const failed = "Start-Date: 2025-06-24  14:36:29\nError: Sub-process /usr/bin/dpkg returned (1)";
  equal(find("apt-history", failed)?.severity, "ERROR");
  equal(find("apt-history", "Commandline: apt-get update"), undefined);
});

Deno.test("the syslog pattern reads RFC 3164 lines, priorities and the year they leave out", () => {
  deepEqual(find("syslog", "<86>Feb  3 04:05:06 web-1 sshd[812]: session opened: root"), {
    timestamp: "2026-02-03T04:05:06.000Z",
    service: "sshd",
    message: "session opened: root",
    severity: "info",
    attributes: { host: "web-1", pid: "812", facility: 10 },
  });
  equal(
    find("syslog", "Dec 31 23:59:59 web-1 kernel: [ 0.1] Linux")?.timestamp,
    "2025-12-31T23:59:59.000Z",
  );
  equal(
    find("syslog", "Feb 29 00:00:00 web-1 cron[1]: leap")?.timestamp,
    "2024-02-29T00:00:00.000Z",
  );
  equal(
    find("syslog", "2025-06-24T14:36:25.123456+02:00 web-1 cron[1]: x")?.timestamp,
    "2025-06-24T12:36:25.123456Z",
  );
  equal(find("syslog", "no syslog at all"), undefined);
});

Deno.test("a pattern of one's own gives fields by name and attributes by the rest", () => {
  const pattern = String
    .raw`^(?<timestamp>\S+ \S+) \[(?<severity>\w+)\] (?<user>\w+)?: (?<message>.*)$`;
  deepEqual(find(pattern, "2025-06-24 14:36:25 [warn] alice: low disk"), {
    timestamp: "2025-06-24T14:36:25.000Z",
    severity: "warn",
    message: "low disk",
    attributes: { user: "alice" },
  });
  equal(find(pattern, "2025-06-24 14:36:25 [warn] : low disk")?.attributes, undefined);
  equal(find(pattern, "today 14:36:25 [warn] alice: low disk"), undefined);
  ok(patternOf("(?<service>\\w+)").namesService);
});

Deno.test("patternOf() refuses what is neither a name nor a pattern with named groups", () => {
  throws(() => patternOf("dpgk"), (error: Error) => {
    ok(error instanceof UsageError);
    match(error.message, /dpkg, apt-history, syslog, plain/);
    return true;
  });
  throws(() => patternOf("(?<message>"), UsageError);
});
