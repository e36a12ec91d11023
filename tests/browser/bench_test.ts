import assert from "node:assert/strict";
import { renderFigures } from "./bench/_figures.ts";
import { measurePage, PARTS, QUICK } from "./bench/main.ts";
import { hasChromium } from "./_browser.ts";

Deno.test({
  name: "the page's benchmark runs, and misses no event",
  ignore: !hasChromium(),
  // The browser's pipe.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const figures = await measurePage(QUICK, PARTS);
    for (const { label, value } of figures) assert.ok(Number.isFinite(value), label);
    assert.equal(figures.find(({ label }) => label.includes("events missed"))!.value, 0);
    assert.equal(renderFigures(figures).split("\n").length, figures.length + 2);
  },
});
