import type { VNode } from "preact";

/** Shapes on a grid of 16 units, drawn with a line. */
const PATHS = {
  search: "M7 12.5a5.5 5.5 0 1 1 0-11 5.5 5.5 0 0 1 0 11ZM11 11l3.5 3.5",
  clock: "M8 14.5a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13ZM8 4.5V8l2.5 1.5",
  play: "M4.5 2.5v11l9-5.5z",
  pause: "M5 3v10M11 3v10",
  look:
    "M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7M10.7 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4ZM5.2 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4Z",
  down: "M8 2v8.5M4.5 7.5 8 11l3.5-3.5M2.5 14h11",
  person:
    "M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8ZM2.5 14c.6-2.6 2.8-4 5.5-4s4.900 1.400 5.500 4",
  chart: "M2 14h12M4 11.500V8M8 11.500V3M12 11.500V6",
  close: "m3.500 3.500 9 9M12.500 3.500l-9 9",
  star:
    "m8 1.800 1.900 3.900 4.300.600-3.100 3 .700 4.300L8 11.600l-3.800 2 .700-4.300-3.100-3 4.300-.600z",
  filter: "M2 3.500h12L9.500 8.800v4l-3 1.400V8.800z",
  refresh: "M13.500 8a5.500 5.500 0 1 1-1.600-3.900M13.500 1.800v2.700h-2.700",
  copy: "M5.5 5.5h8v8h-8zM10.500 5.500v-3h-8v8h3",
  help:
    "M8 14.500a6.500 6.500 0 1 1 0-13 6.500 6.500 0 0 1 0 13ZM6.300 6.300c0-1 .800-1.700 1.700-1.700s1.700.700 1.700 1.600c0 1.300-1.700 1.500-1.700 2.800M8 11.200v.300",
} as const;

/** A small picture; what it stands for must be said beside it. */
export function Icon({ name }: { name: keyof typeof PATHS }): VNode {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
