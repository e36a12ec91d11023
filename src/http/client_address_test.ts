import assert from "node:assert/strict";
import { clientAddress } from "./client_address.ts";

Deno.test("an address is the peer's, or whom a proxy on this machine names last; IPv6 by its network", () => {
  const cases: [peer: string, forwarded: string | undefined, address: string][] = [
    ["192.0.2.1", undefined, "192.0.2.1"],
    ["192.0.2.1", "198.51.100.7", "192.0.2.1"],
    ["127.0.0.1", undefined, "127.0.0.1"],
    ["127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"],
    ["::1", "198.51.100.7", "198.51.100.7"],
    ["::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"],
    ["::ffff:192.0.2.1", undefined, "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", undefined, "2001:db8:1:2"],
    ["2001:db8::6", undefined, "2001:db8:0:0"],
    ["fe80::1", undefined, "fe80:0:0:0"],
    ["127.0.0.1", "", "127.0.0.1"],
  ];
  for (const [hostname, forwarded, address] of cases) {
    const headers = forwarded === undefined ? undefined : { "x-forwarded-for": forwarded };
    const request = new Request("http://localhost/", { headers });
    assert.equal(clientAddress(request, { remoteAddr: { hostname } }), address);
  }
  const long = new Request("http://x/", { headers: { "x-forwarded-for": "x".repeat(5_000) } });
  assert.ok(clientAddress(long, { remoteAddr: { hostname: "::1" } }).length <= 64);
  assert.equal(clientAddress(new Request("http://x/"), undefined), "unknown");
});
