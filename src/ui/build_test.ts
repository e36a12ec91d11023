import assert from "node:assert/strict";
import { bundlePage, BUNDLES } from "./build.ts";

const DIST = new URL("./dist/", import.meta.url);

Deno.test("dist/ is what the sources make", async () => {
  for (const [name, built] of await bundlePage()) {
    const kept = await Deno.readFile(new URL(name, DIST));
    const same = built.length === kept.length && built.every((byte, i) => byte === kept[i]);
    assert.ok(same, `dist/${name} is not what src/ui/app makes now: run deno task ui:build`);
  }
});

Deno.test("dist/ names no other host", async () => {
  for (const name of Object.keys(BUNDLES)) {
    const text = await Deno.readTextFile(new URL(name, DIST));
    // Names of XML namespaces are no addresses.
    const hosts = [...text.matchAll(/https?:\/\/[\w.-]+/g)].map(([url]) => url)
      .filter((url) => !url.includes("www.w3.org") && url !== "http://any");
    assert.deepEqual(hosts, []);
  }
});
