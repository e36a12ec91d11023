/** @module The kinds of services that the simulator can emulate. */
import { apiGateway } from "./api_gateway.ts";
import { authService } from "./auth_service.ts";
import { cartService } from "./cart_service.ts";
import { catalogService } from "./catalog_service.ts";
import { fraudService } from "./fraud_service.ts";
import { inventoryService } from "./inventory_service.ts";
import { jobScheduler } from "./job_scheduler.ts";
import type { Kind } from "./kind.ts";
import { notificationService } from "./notification_service.ts";
import { orderService } from "./order_service.ts";
import { paymentService } from "./payment_service.ts";
import { postgres } from "./postgres.ts";
import { profileService } from "./profile_service.ts";
import { searchService } from "./search_service.ts";
import { shippingService } from "./shipping_service.ts";

export type { Kind, Scene } from "./kind.ts";

/** Every kind, in the order in which services are added to a run. */
export const KINDS: readonly Kind[] = [
  authService,
  paymentService,
  notificationService,
  apiGateway,
  orderService,
  inventoryService,
  catalogService,
  cartService,
  shippingService,
  searchService,
  fraudService,
  postgres,
  profileService,
  jobScheduler,
];

/** A service of a run: its name, its kind as an index into {@link KINDS}, and the cell it belongs to. */
export interface ServiceName {
  readonly name: string;
  readonly kind: number;
  readonly cell: number;
}

/** The first `count` services: every kind once, then again with the suffix `-2`, in a second cell, and so on. */
export function nameServices(count: number): ServiceName[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = index % KINDS.length;
    const cell = Math.floor(index / KINDS.length);
    const name = KINDS[kind]?.name ?? "";
    return { name: cell === 0 ? name : `${name}-${cell + 1}`, kind, cell };
  });
}
