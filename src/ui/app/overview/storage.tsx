import type { VNode } from "preact";
import { bytesText, countOf, whole } from "../state/numbers.ts";
import { spanText } from "../state/time_text.ts";

/** What is shown of the server's figures, in this order; what a server does not tell is left out. */
const FIGURES: readonly {
  readonly label: string;
  readonly names: readonly string[];
  readonly show: (n: number) => string;
}[] = [
  { label: "Records", names: ["store_records"], show: whole },
  {
    label: "On disk",
    names: ["data_bytes", "store_data_bytes", "store_disk_bytes"],
    show: bytesText,
  },
  {
    label: "Disk left",
    names: ["disk_free_bytes", "store_disk_free_bytes", "data_disk_free_bytes"],
    show: bytesText,
  },
  {
    label: "Retention",
    names: ["retention_seconds", "store_retention_seconds"],
    show: (seconds) => seconds === 0 ? "for ever" : spanText(seconds * 1_000),
  },
  { label: "Streams", names: ["store_streams"], show: whole },
  { label: "In memory", names: ["store_memtable_bytes"], show: bytesText },
  { label: "Waiting to be stored", names: ["store_queue_bytes"], show: bytesText },
];

/** How the server's storage is doing. */
export function Storage({ figures }: { figures: ReadonlyMap<string, number> }): VNode {
  const shown = FIGURES.flatMap(({ label, names, show }) => {
    const name = names.find((candidate) => figures.has(candidate));
    return name === undefined ? [] : [{ label, text: show(figures.get(name)!) }];
  });
  return (
    <section>
      <h2>Storage</h2>
      <dl class="figures">
        {shown.map(({ label, text }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{text}</dd>
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
