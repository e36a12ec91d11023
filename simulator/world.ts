/**
 * @module The world that all services share: a shop whose orders go through them.
 *
 * Nothing here is sent from Worker to Worker. Everything is a function of the seed and of a *slot*, the number of a
 * record within its service: order n begins in slot 4n of every service, so services that run at one rate speak of an
 * order at about the same moment, and with the same order id, trace id and user whenever they do.
 */
import { type DayPlan, planDay, QUARTERS, type Trouble, TROUBLES } from "./day_plan.ts";
import { hex32, mix, Random } from "./random.ts";

/** Slots (records of one service) from one order to the next. */
export const SLOTS_PER_ORDER = 4;

/** How an order ends. */
export type OrderOutcome = "paid" | "declined" | "timed_out" | "out_of_stock" | "fraud";

/** An order, as every service that meets it knows it. */
export interface Order {
  readonly number: number;
  readonly id: string;
  readonly traceId: string;
  readonly userId: string;
  readonly region: string;
  readonly sku: string;
  readonly items: number;
  /** In units of the currency, with two decimals. */
  readonly amount: number;
  readonly currency: string;
  readonly method: string;
  readonly outcome: OrderOutcome;
  /** What was wrong with the world when it was placed. */
  readonly trouble: Trouble;
}

/** What makes a world. */
export interface WorldOptions {
  /** An integer from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Which copy of the shop: 0, 1, …; services of one cell meet the same orders. */
  readonly cell: number;
  /** Records that each service writes in a simulated day; above 0, need not be an integer. */
  readonly slotsPerDay: number;
}

const REGIONS = [
  "eu-central-1",
  "eu-central-1",
  "eu-west-1",
  "us-east-1",
  "us-east-1",
  "ap-south-1",
] as const;
const CURRENCIES = ["EUR", "EUR", "GBP", "USD", "USD", "INR"] as const;
const METHODS = ["visa", "visa", "mastercard", "paypal", "sepa", "apple_pay"] as const;

/** A shop's orders, its days and its incidents. */
export class World {
  readonly #seed: number;
  readonly #cell: number;
  readonly #slotsPerDay: number;
  readonly #random = new Random(0);
  /** The plans of the last even and the last odd day asked for: an order may reach back over midnight. */
  readonly #plans: { day: number; plan: DayPlan }[] = [];
  #order: Order | undefined;

  constructor(options: WorldOptions) {
    this.#seed = mix(options.seed, options.cell);
    this.#cell = options.cell;
    this.#slotsPerDay = options.slotsPerDay;
  }

  /** The seed of this cell, 32 bits. */
  get seed(): number {
    return this.#seed;
  }

  /** Order `number`, 0 or more. The same object for the same number asked twice in a row. */
  order(number: number): Order {
    if (this.#order?.number !== number) this.#order = this.#makeOrder(number);
    return this.#order;
  }

  /** What is wrong at a slot. */
  troubleAt(slot: number): Trouble {
    const time = this.dayTimeOf(slot);
    const day = Math.floor(time);
    const quarter = Math.floor((time - day) * QUARTERS);
    return TROUBLES[this.#plan(day).trouble[quarter] ?? 0] ?? "none";
  }

  /** When a slot is due, in simulated days from the start. Grows with the slot. */
  dayTimeOf(slot: number): number {
    const position = slot / this.#slotsPerDay;
    const day = Math.floor(position);
    const share = position - day;
    const { shareBefore } = this.#plan(day);
    let low = 0;
    let high = QUARTERS;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (shareBefore[middle]! <= share) low = middle;
      else high = middle;
    }
    const within = (share - shareBefore[low]!) / (shareBefore[low + 1]! - shareBefore[low]!);
    return day + (low + within) / QUARTERS;
  }

  /** How many slots are due before a time, in simulated days from the start: the inverse of {@link dayTimeOf}. */
  slotsBefore(dayTime: number): number {
    if (dayTime <= 0) return 0;
    const day = Math.floor(dayTime);
    const { shareBefore } = this.#plan(day);
    const quarters = (dayTime - day) * QUARTERS;
    const quarter = Math.min(QUARTERS - 1, Math.floor(quarters));
    const before = shareBefore[quarter]!;
    const share = before + (shareBefore[quarter + 1]! - before) * (quarters - quarter);
    // Less than a millionth of a record is rounding, not a record.
    return Math.ceil((day + share) * this.#slotsPerDay - 1e-6);
  }

  #plan(day: number): DayPlan {
    const kept = this.#plans[day & 1];
    if (kept?.day === day) return kept.plan;
    const plan = planDay(this.#seed, day);
    this.#plans[day & 1] = { day, plan };
    return plan;
  }

  #makeOrder(number: number): Order {
    const random = this.#random;
    random.reseed(mix(this.#seed, number));
    const traceId = hex32(this.#seed | 1) + hex32(mix(number, this.#seed)) + random.spanId();
    const place = random.below(REGIONS.length);
    const trouble = this.troubleAt(number * SLOTS_PER_ORDER);
    return {
      number,
      id: `ORD-${this.#cell}${String(1_000_000 + number).slice(-9)}`,
      traceId,
      userId: `user-${1000 + random.skewed(50_000)}`,
      region: REGIONS[place] ?? "eu-central-1",
      currency: CURRENCIES[place] ?? "EUR",
      sku: `SKU-${10_000 + random.skewed(5_000)}`,
      items: 1 + random.skewed(8),
      amount: (499 + random.skewed(40_000)) / 100,
      method: random.pick(METHODS),
      outcome: outcomeOf(random, trouble),
      trouble,
    };
  }
}

function outcomeOf(random: Random, trouble: Trouble): OrderOutcome {
  if (trouble === "payment provider" && random.chance(0.45)) return "timed_out";
  if (trouble === "database" && random.chance(0.15)) return "timed_out";
  const luck = random.fraction();
  if (luck < 0.04) return "declined";
  if (luck < 0.06) return "out_of_stock";
  if (luck < 0.067) return "fraud";
  if (luck < 0.07) return "timed_out";
  return "paid";
}
