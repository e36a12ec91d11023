import assert from "node:assert/strict";
import { parseListenAddresses, showAddress } from "./address.ts";

Deno.test("parseListenAddresses() reads names and addresses, with the transports that they name or the usual ones", () => {
  const show = (text: string) => parseListenAddresses(text, ["tcp", "udp"]).map(showAddress);
  assert.deepEqual(show("127.0.0.1:5514"), ["tcp://127.0.0.1:5514", "udp://127.0.0.1:5514"]);
  assert.deepEqual(show("tls://0.0.0.0:6514, udp://[::1]:0"), [
    "tls://0.0.0.0:6514",
    "udp://[::1]:0",
  ]);
  assert.deepEqual(parseListenAddresses("tcp://logs.example:601", []), [
    { transport: "tcp", host: "logs.example", port: 601 },
  ]);
});

Deno.test("parseListenAddresses() names what is no address", () => {
  for (
    const bad of ["", "5514", "127.0.0.1", "http://x:1", "x:70000", "::1:514", "a:1,", "a b:1"]
  ) {
    assert.throws(() => parseListenAddresses(bad, ["tcp"]), RangeError, bad);
  }
  assert.throws(
    () => parseListenAddresses("x:70000", ["tcp"]),
    /"x:70000" is no address to listen/,
  );
});
