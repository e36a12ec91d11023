import type { Trouble } from "../day_plan.ts";
import type { Line } from "../line.ts";
import type { Random } from "../random.ts";
import type { Order } from "../world.ts";

/** What a service sees when it writes one record. */
export interface Scene {
  /** Where in the order's four slots this record is: 0 to 3; -1 as long as no order has come this far. */
  phase: number;
  /** The order that this service is busy with. */
  order: Order;
  /** What is wrong with the world just now. */
  trouble: Trouble;
  /** Seeded for this record alone. */
  readonly random: Random;
}

/** A kind of service. */
export interface Kind {
  /** The service's name; repeats of the kind get a suffix. */
  readonly name: string;
  /** How many orders behind the shop's front this service works: what depends on payment comes later. */
  readonly lag: number;
  /** Writes one record; every call must `say` something. */
  write(scene: Scene, line: Line): void;
}
