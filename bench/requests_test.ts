import { deepEqual, equal, match } from "node:assert/strict";
import { generateRecords } from "./generate.ts";
import { buildRequests, type IngestTarget, type ReadyRequest } from "./requests.ts";

const TARGET: IngestTarget = {
  url: new URL("http://127.0.0.1:5000/logs?a=b"),
  contentType: "application/json",
  authorization: "Token t",
  form: "json",
};

function split({ bytes }: ReadyRequest): [head: string, body: string] {
  const text = new TextDecoder().decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  return [text.slice(0, end), text.slice(end + 4)];
}

Deno.test("buildRequests() puts every record into one request, in order", () => {
  const requests = buildRequests(generateRecords(25), 10, TARGET);
  deepEqual(requests.map(({ records }) => records), [10, 10, 5]);
  const bodies = requests.map((request) => JSON.parse(split(request)[1]));
  deepEqual(bodies.flat(), [...generateRecords(25)]);
});

Deno.test("buildRequests() writes a head that tells path, token and length", () => {
  const [request] = buildRequests(
    [{ timestamp: "", service: "", severity: "", message: "é" }],
    1000,
    TARGET,
  );
  const [head, body] = split(request!);
  match(head, /^POST \/logs\?a=b HTTP\/1\.1\r\nHost: 127\.0\.0\.1:5000\r\n/);
  match(head, /\r\nAuthorization: Token t(\r\n|$)/);
  equal(Number(/Content-Length: (\d+)/.exec(head)?.[1]), new TextEncoder().encode(body).length);
});

Deno.test("buildRequests() sends a single record as an object, and lines as NDJSON", () => {
  const [first] = generateRecords(1);
  deepEqual(JSON.parse(split(buildRequests([first!], 1, TARGET)[0]!)[1]), first);
  const [lines] = buildRequests(generateRecords(2), 2, { ...TARGET, form: "lines" });
  const texts = split(lines!)[1].split("\n");
  deepEqual([texts.length, texts[2]], [3, ""]);
});
