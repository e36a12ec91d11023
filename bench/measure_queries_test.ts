import { deepEqual, equal, ok } from "node:assert/strict";
import { measureQueries } from "./measure_queries.ts";
import { requestHead } from "./requests.ts";

Deno.test("measureQueries() asks nine times and tells each wrong answer once", async () => {
  let asked = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url }) => {
      asked++;
      return url.endsWith("/gone")
        ? new Response("no such thing", { status: 404 })
        : new Response(asked === 3 ? "wrong" : "right");
    },
  );
  const base = new URL(`http://127.0.0.1:${server.addr.port}`);
  const query = (row: string, path: string) => ({
    row,
    request: requestHead("GET", new URL(path, base), {}),
    check: (body: Uint8Array) => {
      return new TextDecoder().decode(body) === "right" ? undefined : "not right";
    },
  });
  const found = await measureQueries(base, [query("count", "/"), query("none", "/gone")]);
  await server.shutdown();
  equal(asked, 18);
  ok(found.medians.get("count")! > 0);
  deepEqual(found.problems, ["count: not right", "none: status 404: no such thing"]);
});
