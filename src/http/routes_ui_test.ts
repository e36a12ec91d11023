import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { testApp } from "./_test_app.ts";

const HTML = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

Deno.test("/ is the page for who names text/html; it and all it loads come from here, under a strict policy", async () => {
  const { app } = await testApp();
  const page = await app.request("/", { headers: HTML });
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal(page.headers.get("cache-control"), "no-cache");
  assert.match(page.headers.get("vary")!, /accept\b.*accept-encoding/);
  const policy = page.headers.get("content-security-policy")!;
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
    assert.ok(policy.includes(part), part);
  }
  assert.doesNotMatch(policy, /unsafe|http|\*/);
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  const html = await page.text();
  assert.doesNotMatch(html, /<script>|<style|style=|\son[a-z]+=/);
  const loaded = [...html.matchAll(/<(?:script|link)[^>]* (?:src|href)="([^"]+)"/g)];
  assert.ok(loaded.length >= 3);
  for (const [, path] of loaded) {
    const file = await app.request(path!);
    assert.equal(file.status, 200, path);
    assert.match(file.headers.get("cache-control")!, /immutable/);
    assert.ok((await file.text()).length > 100, path);
  }
});

Deno.test("a file of the page is compressed for who takes gzip, and not sent again to who has it", async () => {
  const { app } = await testApp();
  for (const path of ["/", "/ui/"]) {
    const html = await (await app.request("/", { headers: HTML })).text();
    const file = path === "/" ? path : /src="([^"]+\.js)"/.exec(html)![1]!;
    const get = (headers: Record<string, string>) =>
      app.request(file, { headers: { ...HTML, ...headers } });
    const plain = await get({});
    const zipped = await get({ "accept-encoding": "br, gzip;q=0.5" });
    assert.equal(plain.headers.get("content-encoding"), null);
    assert.equal(zipped.headers.get("content-encoding"), "gzip");
    const bytes = new Uint8Array(await plain.arrayBuffer());
    assert.deepEqual(new Uint8Array(gunzipSync(await zipped.arrayBuffer())), bytes);
    const refused = await get({ "accept-encoding": "gzip;q=0" });
    assert.equal(refused.headers.get("content-encoding"), null);
    await refused.body!.cancel();
    const etag = zipped.headers.get("etag")!;
    assert.notEqual(etag, plain.headers.get("etag"));
    const known = await get({ "accept-encoding": "gzip", "if-none-match": `"x", W/${etag}` });
    assert.equal(known.status, 304);
    assert.equal(known.headers.get("etag"), etag);
    assert.equal(await known.text(), "");
    assert.equal((await get({ "if-none-match": etag })).status, 200);
  }
});

Deno.test("a file that the page has not is a 404", async () => {
  const { app } = await testApp();
  for (const path of ["/ui/app.js", "/ui/..%2f", "/ui/constructor"]) {
    const response = await app.request(path);
    assert.equal(response.status, 404, path);
    assert.match((await response.json()).error, /load the page again/);
  }
});
