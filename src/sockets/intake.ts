import { ATTRIBUTE_NAMES_MAX, RecordBatch } from "../record.ts";
import { OutcomeUnknownError, OverloadedError, type Store } from "../storage/mod.ts";
import type { SocketCounters } from "./counters.ts";
import { RETRY_MS, RETRY_MS_MAX } from "./limits.ts";

/** The attribute that keeps a service's name which would have been one too many. */
const SERVICE_NAME = "service";

/**
 * Stores what senders bring who cannot be told that it failed: what the store refuses is offered again until it takes it, and
 * whoever waits reads nothing more from its sender meanwhile.
 */
export class Intake {
  readonly #stop = Promise.withResolvers<void>();
  #stopped = false;
  /** So that an outage is one line in the log. */
  #refusing = false;

  /**
   * @param service takes the records of services that would be one too many
   * @param log takes one line about what operators should know
   */
  constructor(
    readonly store: Pick<Store, "append">,
    readonly service: string,
    readonly counters: SocketCounters,
    readonly log: (line: string) => void,
  ) {}

  /** Resolves when the batch is durable, or given up because of {@linkcode stop}; never rejects. */
  async take(batch: RecordBatch): Promise<void> {
    if (batch.length === 0) return;
    for (let pauseMs = RETRY_MS;; pauseMs = Math.min(pauseMs * 2, RETRY_MS_MAX)) {
      try {
        const { count } = await this.store.append(batch);
        this.counters.recordsStored += count;
        this.#refusing = false;
        return;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (!this.#refusing) this.log(`Records of ${this.service} wait: ${message}`);
        this.#refusing = true;
        // Offering it again might store it twice, and the store has closed.
        if (error instanceof OutcomeUnknownError || this.#stopped) {
          this.counters.recordsLost += batch.length;
          return;
        }
        // Too many streams: as many as the limit have been made of names that vary, and these are more of them.
        if (error instanceof OverloadedError && error.status === 429) {
          batch = withOneService(batch, this.service);
        }
      }
      await this.#pause(pauseMs);
    }
  }

  /** Gives up what the store still refuses. */
  stop(): void {
    this.#stopped = true;
    this.#stop.resolve();
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([promise, this.#stop.promise]);
    clearTimeout(timer);
  }
}

/** The same records as of one service, with the service that they had as an attribute. */
function withOneService(batch: RecordBatch, service: string): RecordBatch {
  const renamed = new RecordBatch();
  for (let row = 0; row < batch.length; row++) {
    const stream = batch.streams[batch.streamOf[row]!]!;
    const columns = [...batch.optional].map(([name, column]) => [name, column[row]]);
    const optional = Object.fromEntries(columns);
    if (stream.service !== service) {
      optional.attributes = withMember(optional.attributes, SERVICE_NAME, stream.service);
    }
    renamed.append(
      batch.timestampMs[row]!,
      batch.timestampNs[row]!,
      service,
      stream.severity,
      batch.messages[row]!,
      optional,
    );
  }
  return renamed;
}

/** A JSON object with one member more, unless it has that one or as many as it may. */
function withMember(json: string | undefined, name: string, value: string): string {
  const members: Record<string, unknown> = json === undefined ? {} : JSON.parse(json);
  if (Object.hasOwn(members, name)) return json!;
  if (Object.keys(members).length === ATTRIBUTE_NAMES_MAX) return json!;
  return JSON.stringify({ [name]: value, ...members });
}
