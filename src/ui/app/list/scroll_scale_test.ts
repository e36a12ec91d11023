import assert from "node:assert/strict";
import fc from "fast-check";
import { ScrollScale } from "./scroll_scale.ts";

const VIEWPORT = 700;

Deno.test("a list that fits is scrolled as it is", () => {
  const scale = new ScrollScale();
  scale.resize(1_000_000, VIEWPORT);
  assert.equal(scale.physicalHeight, 1_000_000);
  assert.equal(scale.toVirtual(1_234, 0), 1_234);
  assert.equal(scale.toPhysical(999), 999);
});

Deno.test("a list of any height fits, its ends are its ends, and its middle is its middle", () => {
  fc.assert(fc.property(fc.integer({ min: 16_000_000, max: 10_000_000_000 }), (height) => {
    const scale = new ScrollScale();
    scale.resize(height, VIEWPORT);
    const physicalMax = scale.physicalHeight - VIEWPORT;
    assert.ok(scale.physicalHeight <= 15_000_000);
    assert.equal(scale.toVirtual(physicalMax, 0), scale.topMax);
    assert.equal(scale.toVirtual(0, scale.topMax), 0);
    const middle = scale.toVirtual(physicalMax / 2, 0);
    assert.ok(Math.abs(middle - scale.topMax / 2) < 1);
  }));
});

Deno.test("a small scroll in a scaled list moves as many pixels as the wheel did", () => {
  const scale = new ScrollScale();
  scale.resize(220_000_000, VIEWPORT);
  let virtual = scale.toVirtual(7_000_000, 0);
  let physical = scale.toPhysical(virtual);
  for (let i = 0; i < 200; i++) {
    const next = scale.toVirtual(physical + 100, virtual);
    assert.ok(Math.abs(next - virtual - 100) < 1e-6);
    virtual = next;
    physical = scale.toPhysical(virtual);
  }
});

Deno.test("toVirtual() reads back what toPhysical() gave", () => {
  const scale = new ScrollScale();
  scale.resize(100_000_000, VIEWPORT);
  fc.assert(fc.property(fc.nat({ max: 99_999_000 }), (virtual) => {
    const physical = scale.toPhysical(virtual);
    assert.ok(Math.abs(scale.toVirtual(physical, virtual) - virtual) < 10);
  }));
});
