import assert from "node:assert/strict";
import { ServerSuite, type TestServer } from "../_server.ts";
import { logs, record, type StoredRecord } from "./_records.ts";

const suite = new ServerSuite();

const MESSAGES = [
  "Login failed for user alice",
  "login succeeded for user bob",
  "LOGIN of user-alice refused",
  "Größe überschritten: größe=5",
  "GET /api/v2/orders took 153 ms",
  "get /api/v2/users took 7 ms",
  "the_whole_word is one",
  'a -- b "quoted" c',
  "данные сохранены",
  "failed: user alice failed",
];

let posted = false;

/** The messages that a query finds, in the order in which they stand above. */
async function find(server: TestServer, q: string): Promise<string[]> {
  if (!posted) {
    const attributes = (n: number) => ({ path: n < 5 ? "/var/log" : "/var/lib", n });
    await server.post(
      MESSAGES.map((message, n) => record("text", { message, attributes: attributes(n) })),
    );
    posted = true;
  }
  const found: StoredRecord[] = await server.get(logs({ q, order: "asc" }));
  return found.map(({ message }) => message);
}

const pick = (...indexes: number[]) => indexes.map((index) => MESSAGES[index]);

const QUERIES: readonly [what: string, q: string, found: number[]][] = [
  ["a word, in any case", "LoGiN", [0, 1, 2]],
  ["a word is a longest run of letters, digits and _", "whole", []],
  ["_ belongs to words", "the_whole_word", [6]],
  ["words that must all occur", "login alice", [0, 2]],
  ["a quoted phrase", '"user alice"', [0, 9]],
  ["a phrase as it stands", '"user-alice"', [2]],
  ["an escaped quote in a phrase", '"\\"quoted\\""', [7]],
  ["an exclusion", "login -failed", [1, 2]],
  ["an excluded phrase", 'alice -"user alice"', [2]],
  ["nothing but an exclusion", "-user", [3, 4, 5, 6, 7, 8]],
  ["a prefix", "succ*", [1]],
  ["a prefix is one of a word", "og*", []],
  ["a substring", "*ogi*", [0, 1, 2]],
  ["letters beyond ASCII without regard to case", "GRÖSSE", []],
  ["letters beyond ASCII without regard to case, again", "GRÖßE", [3]],
  ["Cyrillic", "ДАННЫЕ", [8]],
  ["a regular expression", "/took \\d{3} ms/", [4]],
  ["a regular expression minds case", "/^login/", [1]],
  ["a regular expression that does not mind case", "/^login/i", [0, 1, 2]],
  ["an excluded regular expression", "user -/alice/", [1]],
  ["a word of an attribute", "attr.path:lib login", []],
  ["a word of an attribute, found", "attr.path:LIB took", [5]],
  ["a phrase in an attribute", 'attr.path:"/var/log" took', [4]],
  ["an excluded word of an attribute", "user -attr.path:log", [9]],
  ["all kinds together", 'log* "for user" -bob /alice$/', [0]],
];

for (const [what, q, found] of QUERIES) {
  suite.test(`q finds ${what}: ${q}`, async (server) => {
    assert.deepEqual(await find(server, q), pick(...found));
  });
}

suite.test("a bad q is a 400 that says where", async (server) => {
  const bad: [string, number][] = [
    ['"open', 0],
    ["good /unclosed", 5],
    ["a /(/", 2],
    ["a - b", 3],
    ["a*b", 1],
    ["attr.:x", 5],
    ["attr.x:", 7],
    ['""', 0],
    ["/(?=ahead)/", 0],
    ["/(a)\\1/", 0],
  ];
  for (const [q, offset] of bad) {
    const { status, body } = await server.call(logs({ q }));
    assert.equal(status, 400, q);
    assert.match(body.error, new RegExp(`at offset ${offset}\\b`), q);
  }
});

suite.test("a regular expression runs in linear time", async (server) => {
  await server.post(record("linear", { message: "a".repeat(60_000) + "!" }));
  const started = performance.now();
  for (const q of ["/^(a+)+$/", "/(a|a)*b/", "/(.*)(.*)(.*)(.*)x/"]) {
    assert.deepEqual(await server.get(logs({ q, service: "linear" })), []);
  }
  // A backtracking one would not end before the sun does.
  assert.ok(performance.now() - started < 20_000);
});
