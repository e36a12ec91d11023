import type { VNode } from "preact";

const WIDTH = 180;
const HEIGHT = 22;

/** Counts over time as a small line; the table beside it has the figures. */
export function Sparkline({ counts }: { counts: readonly number[] }): VNode {
  const most = Math.max(1, ...counts);
  const step = WIDTH / Math.max(1, counts.length - 1);
  const points = counts.map((count, i) => {
    const y = HEIGHT - 1 - count / most * (HEIGHT - 3);
    return `${(i * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polygon points={`0,${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`} />
      <polyline points={points.join(" ")} />
    </svg>
  );
}
