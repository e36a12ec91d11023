import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { PAGE_CONTENT_SECURITY_POLICY, PAGE_PATH, pageFiles } from "./mod.ts";

Deno.test("pageFiles() has every file that the page names, and no other", async () => {
  const files = await pageFiles();
  const html = new TextDecoder().decode(files.get(PAGE_PATH)!.bytes);
  const named = [...html.matchAll(/(?:src|href)="(\/ui\/[^"]+)"/g)].map(([, path]) => path!);
  assert.deepEqual([...files.keys()].sort(), [PAGE_PATH, ...named].sort());
});

Deno.test("all of the page is below 100 KiB compressed", async () => {
  const sizes = [...(await pageFiles()).values()].map((file) => file.gzip.length);
  assert.ok(sizes.reduce((sum, size) => sum + size) < 100 * 1024);
});

Deno.test("the compressed bytes are the bytes, and content decides the name", async () => {
  for (const [path, file] of await pageFiles()) {
    assert.deepEqual(new Uint8Array(gunzipSync(file.gzip)), file.bytes);
    assert.match(file.etag, /^"[0-9a-f]{32}"$/);
    if (path === PAGE_PATH) assert.equal(file.cacheControl, "no-cache");
    else {assert.ok(
        path.includes(file.etag.slice(1, 17)) && file.cacheControl.includes("immutable"),
      );}
  }
});

Deno.test("the page has nothing inline that its security policy forbids", async () => {
  const html = new TextDecoder().decode((await pageFiles()).get(PAGE_PATH)!.bytes);
  assert.doesNotMatch(html, /<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
  assert.doesNotMatch(PAGE_CONTENT_SECURITY_POLICY, /unsafe|\*|https?:/);
});
