import { type Kind, KINDS, type Scene } from "./kinds/mod.ts";
import { Line } from "./line.ts";
import { hashText, mix, Random } from "./random.ts";
import { Stamper } from "./stamp.ts";
import { SLOTS_PER_ORDER, type World } from "./world.ts";

/** What a generator needs. */
export interface GeneratorOptions {
  /** The service's name: up to 128 characters that need no JSON escape. */
  readonly service: string;
  /** Index into the kinds. */
  readonly kind: number;
  readonly world: World;
  /** Unix milliseconds; no record is stamped earlier. */
  readonly startMs: number;
  /** Makes every record carry this run and its number in the service, as attributes `canary_run` and `canary_seq`. */
  readonly canaryRun?: string;
}

/** Writes a service's part of the world, one batch after another. */
export class Generator {
  readonly #world: World;
  readonly #kind: Kind;
  readonly #seed: number;
  readonly #head: string;
  readonly #canaryRun: string | undefined;
  readonly #stamper: Stamper;
  readonly #line = new Line();
  readonly #scene: Scene;
  readonly #jitter: Random;
  #slot = 0;
  #sequence = 0;

  constructor(options: GeneratorOptions) {
    const kind = KINDS[options.kind];
    if (kind === undefined) {
      throw new RangeError(`No kind of service has the index ${options.kind}`);
    }
    this.#world = options.world;
    this.#kind = kind;
    this.#seed = mix(options.world.seed, hashText(kind.name));
    this.#head = `{"service":"${options.service}"`;
    this.#canaryRun = options.canaryRun;
    this.#stamper = new Stamper(options.startMs);
    this.#jitter = new Random(this.#seed);
    this.#scene = {
      phase: 0,
      order: options.world.order(0),
      trouble: "none",
      random: new Random(this.#seed),
    };
  }

  /** How many records were made so far; the next one's slot. */
  get slot(): number {
    return this.#slot;
  }

  /**
   * The next `count` records as a JSON array, stamped up to `nowMs`. What they say depends on the seed alone. Canary
   * numbers start after those last confirmed.
   */
  batch(count: number, nowMs: number): string {
    this.#stamper.begin(count, nowMs);
    let json = "[";
    for (let index = 0; index < count; index++) {
      if (index > 0) json += ",\n";
      json += this.#record(index);
    }
    return json + "]";
  }

  /** Counts records as stored, so that the canary numbers of a service have no gaps where batches were refused. */
  confirm(count: number): void {
    this.#sequence += count;
  }

  #record(index: number): string {
    const slot = this.#slot++;
    const scene = this.#scene;
    const orderNumber = Math.floor(slot / SLOTS_PER_ORDER) - this.#kind.lag;
    scene.phase = orderNumber < 0 ? -1 : slot % SLOTS_PER_ORDER;
    scene.order = this.#world.order(Math.max(0, orderNumber));
    scene.trouble = this.#world.troubleAt(slot);
    scene.random.reseed(mix(this.#seed, slot));
    this.#kind.write(scene, this.#line);
    if (this.#canaryRun !== undefined) {
      this.#line.text("canary_run", this.#canaryRun)
        .number("canary_seq", this.#sequence + index);
    }
    return this.#line.take(this.#head, this.#stamper.next(this.#jitter.fraction()));
  }
}
