import { signal, useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { isAbort, sentenceOf, serverNow } from "../api/client.ts";
import { withTerm } from "../state/filters.ts";
import { navigate, view } from "../state/navigation.ts";
import { compact, countOf, percentText, whole } from "../state/numbers.ts";
import { rangeLabel } from "../state/range.ts";
import { fullTime, shortTime, spanText } from "../state/time_text.ts";
import { loadOverview, overview, overviewError, type ServiceLine } from "./overview_data.ts";
import { FilterChips } from "../parts/filter_chips.tsx";
import { Sparkline } from "./sparkline.tsx";
import { Storage } from "./storage.tsx";

/** How often the overview is counted anew, in milliseconds. */
const REFRESH_MS = 10_000;

const tick = signal(0);

/** Every service with a small line, and how the server is doing. */
export function Overview(): VNode {
  const now = useSignal(serverNow());
  useSignalEffect(() => {
    void tick.value;
    const controller = new AbortController();
    void refresh(controller.signal).then(() => now.value = serverNow());
    return () => controller.abort();
  });
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && tick.value++, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const data = overview.value;
  return (
    <main class="overview">
      <FilterChips />
      {overviewError.value !== undefined && (
        <p class="wrong" role="alert">{sentenceOf(overviewError.value)}</p>
      )}
      <section>
        <h2>
          Services <small>{rangeLabel(view.value.range, shortTime)}</small>
        </h2>
        {data !== undefined && <Services services={data.services} nowMs={now.value} />}
      </section>
      {data !== undefined && <Storage figures={data.figures} />}
    </main>
  );
}

async function refresh(signal: AbortSignal): Promise<void> {
  try {
    await loadOverview(view.value, signal);
    overviewError.value = undefined;
  } catch (error) {
    if (!isAbort(error)) overviewError.value = error;
  }
}

function Services({ services, nowMs }: { services: readonly ServiceLine[]; nowMs: number }): VNode {
  if (services.length === 0) return <p class="dim">No service has logged yet.</p>;
  const quiet = services.filter((line) => line.quiet).length;
  return (
    <>
      {quiet > 0 && <p class="quiet-note" role="status">{countOf(quiet, "service")} went quiet</p>}
      <div class="table-wrap" tabIndex={0} role="group" aria-label="Services">
        <table>
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col" class="line">Over time</th>
              <th scope="col" class="number secondary">Records</th>
              <th scope="col" class="number secondary">Errors</th>
              <th scope="col" class="number">Error rate</th>
              <th scope="col" class="number">Last seen</th>
            </tr>
          </thead>
          <tbody>
            {services.map((line) => <Service key={line.service} line={line} nowMs={nowMs} />)}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Service({ line, nowMs }: { line: ServiceLine; nowMs: number }): VNode {
  const { service, count, errors, counts, lastSeenMs, quiet } = line;
  const silent = spanText(nowMs - lastSeenMs);
  const rate = count === 0 ? 0 : errors / count;
  return (
    <tr class={quiet ? "quiet" : ""}>
      <th scope="row">
        <button type="button" class="link" onClick={() => showService(service)}>{service}</button>
      </th>
      <td class="line">
        <Sparkline counts={counts} />
      </td>
      <td class="number secondary" title={whole(count)}>{compact(count)}</td>
      <td class="number secondary">
        {errors === 0
          ? <span class="dim">0</span>
          : (
            <button type="button" class="link ERROR" onClick={() => showErrors(service)}>
              {compact(errors)}
            </button>
          )}
      </td>
      <td class={rate >= 0.05 ? "number ERROR" : "number"}>{percentText(rate)}</td>
      <td class="number" title={fullTime(lastSeenMs)}>
        {quiet ? <b>quiet for {silent}</b> : `${silent} ago`}
      </td>
    </tr>
  );
}

function showService(service: string): void {
  const { filters } = view.peek();
  const term = { field: "service", value: service, not: false };
  navigate({ screen: "rows", filters: withTerm(filters, term) });
}

function showErrors(service: string): void {
  const filters = { ...view.peek().filters, minSeverity: "ERROR" };
  const term = { field: "service", value: service, not: false };
  navigate({ screen: "rows", filters: withTerm(filters, term) });
}
