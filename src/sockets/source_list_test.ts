import assert from "node:assert/strict";
import { SourceList } from "./source_list.ts";

Deno.test("SourceList has the addresses and networks that it was given, and no others", () => {
  const sources = SourceList.parse("10.0.0.0/8, 192.0.2.7,fd00::/8 , ::1");
  for (const address of ["10.255.0.1", "192.0.2.7", "fd12::5", "::1", "::ffff:10.0.0.1"]) {
    assert.equal(sources.has(address), true, address);
  }
  for (const address of ["11.0.0.1", "192.0.2.8", "fe80::1", "::2", "unknown", ""]) {
    assert.equal(sources.has(address), false, address);
  }
});

Deno.test("SourceList.loopback() has this machine alone, and none is nobody", () => {
  assert.equal(SourceList.loopback().has("127.0.0.2"), true);
  assert.equal(SourceList.loopback().has("10.0.0.1"), false);
  assert.equal(SourceList.parse("none").has("127.0.0.1"), false);
});

Deno.test("SourceList.parse() names what is neither an address nor a network", () => {
  for (
    const bad of [
      "",
      "10.0.0",
      "10.0.0.0/33",
      "::/129",
      "x",
      "10.0.0.0/8/8",
      "10.0.0.0/",
      "1.2.3.4,",
    ]
  ) {
    assert.throws(() => SourceList.parse(bad), /is no address or network/, bad);
  }
});
