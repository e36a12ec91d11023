import type { VNode } from "preact";
import { bytesText, countOf, whole } from "../state/numbers.ts";
import { spanText } from "../state/time_text.ts";

/** A figure as it is shown. */
interface Shown {
  readonly text: string;
  /** Somebody should see to it. */
  readonly isWrong?: boolean;
}

/** Below that a disk is full before long: a day of a small team's logs. */
const DISK_FREE_BYTES_MIN = 1 << 30;

/** What is shown of the server's figures, by name and in this order; what a server does not tell is left out. */
const FIGURES: readonly {
  readonly label: string;
  readonly name: string;
  /** `undefined`: nothing worth a place. */
  show(n: number): Shown | undefined;
}[] = [
  { label: "Records", name: "store_records", show: (n) => ({ text: whole(n) }) },
  { label: "On disk", name: "data_bytes", show: (n) => ({ text: bytesText(n) }) },
  {
    label: "Disk left",
    name: "disk_free_bytes",
    show: (n) => ({ text: bytesText(n), isWrong: n < DISK_FREE_BYTES_MIN }),
  },
  {
    label: "Retention",
    name: "retention_seconds",
    show: (seconds) => ({ text: seconds === 0 ? "for ever" : spanText(seconds * 1_000) }),
  },
  { label: "Streams", name: "store_streams", show: (n) => ({ text: whole(n) }) },
  { label: "In memory", name: "store_memtable_bytes", show: (n) => ({ text: bytesText(n) }) },
  {
    label: "Waiting to be stored",
    name: "store_queue_bytes",
    show: (n) => n === 0 ? undefined : { text: bytesText(n) },
  },
];

/** How the server's storage is doing. */
export function Storage({ figures }: { figures: ReadonlyMap<string, number> }): VNode {
  const shown = FIGURES.flatMap(({ label, name, show }) => {
    const value = figures.get(name);
    const figure = value === undefined ? undefined : show(value);
    return figure === undefined ? [] : [{ label, ...figure }];
  });
  return (
    <section>
      <h2>Storage</h2>
      <dl class="figures">
        {shown.map(({ label, text, isWrong }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd class={isWrong === true ? "wrong" : ""}>{text}</dd>
          </div>
        ))}
      </dl>
      <Alarm figures={figures} />
    </section>
  );
}

function Alarm({ figures }: { figures: ReadonlyMap<string, number> }): VNode | null {
  const failing = figures.get("store_background_failing") ?? 0;
  const ready = figures.get("ready") ?? 1;
  if (ready === 0) return <p class="wrong" role="alert">The server takes no records just now.</p>;
  if (failing === 0) return null;
  return (
    <p class="wrong" role="alert">
      {countOf(failing, "background task")} failing: see the server's log.
    </p>
  );
}
