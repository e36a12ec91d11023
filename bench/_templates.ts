/** @module What generated services write: messages with variable parts, by severity. */

/** In {@linkcode RARE_TEMPLATE} and nowhere else. */
export const RARE_WORD = "QX7741";

/** A phrase whose words and whose whole occur in no message. */
export const ABSENT_PHRASE = "warehouse robot stopped responding";

/** The message that is written once in 50,000 records. */
export const RARE_TEMPLATE =
  `TLS peer gateway-{digit} closed the channel with code ${RARE_WORD} while settling order {order} of {email} after {ms} ms`;

/** Messages by severity; a `{name}` is one of the fields. */
export const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  DEBUG: [
    "cache get user:{user}:settings hit={bool} in {us}us ttl={number} node=cache-{digit} slot={number}",
    "db query SELECT state, amount FROM payments WHERE order_id = {order} gave {digit} rows in {ms} ms",
    "enter handler POST /api/v3/checkout/{order}/confirm trace={uuid} from {ip}",
    "flag express-delivery is {bool} for {email} (rollout {percent}%, bucket {number})",
    "pool state: busy={digit} idle={digit} queued={digit} limit=40 wait_p99={ms}ms host=pg-{digit}.internal",
    "consumed event {uuid} of stream orders partition {digit} position {order} ({number} bytes)",
    "will retry call to stock service: try {digit} of 6, wait {ms} ms, jitter {digit} ms, budget {number} ms",
    "outgoing GET http://quotes.internal:8080/v2/price?article=ART-{order} answered 200 in {ms} ms ({number} bytes)",
    'session {uuid} checked: valid={bool} scope="orders:read orders:write" expires_in={number}s',
    "gc cycle paused {us}us heap {number} MiB to {number} MiB, goal {number} MiB, tasks {number}",
    "lease on order-{order} taken by worker-{digit} after {ms} ms, valid for {number} ms",
    "template mail/receipt.html rendered for {email} in {us}us ({number} bytes)",
  ],
  INFO: [
    'GET /api/v3/orders/{order} 200 {ms}ms {number}B client={ip} agent="Mozilla/5.0 (Macintosh; Intel Mac OS X)"',
    "POST /api/v3/basket/lines 201 {ms}ms {number}B client={ip} request={uuid}",
    "GET /api/v2/articles?page={digit}&per_page=40&sort=rating 200 {ms}ms {number}B client={ip} request={uuid}",
    "PATCH /api/v2/accounts/{user} 200 {ms}ms {number}B client={ip} request={uuid} account={email}",
    "Account {email} signed in from {ip} with a passkey on a known device, session valid for {number} minutes",
    "Account {email} signed out from {ip} after {number} seconds, session {uuid} ended",
    "Order {order} placed by {email} with {digit} articles, sum {eur} EUR, paid by card, sent to the billing address",
    "Order {order} moved from NEW to PAID by settlement worker {digit} in {ms} ms, confirmation requested",
    "Order {order} handed to the carrier at dock 4, parcel number PCL{order}{number}, expected in {digit} days",
    "Payment {uuid} approved for order {order}: {eur} EUR, issuer answered 00 in {ms} ms",
    "Payment booked for order {order}, amount {eur} EUR, fee included, clearing file {number}, ledger line {order}",
    "Mail receipt queued for {email} (order {order}), relay-{digit}, message {uuid}",
    "Stock reserved: article ART-{order} count {digit} hall H-{digit}, {number} left, order {order}",
    "Stock matched with the books: {number} articles changed their count, {digit} unknown, {digit} new, in {ms} ms",
    "Job purge-old-baskets done: {number} rows deleted from 2 tables in {ms} ms, next start in 10 minutes",
    "Callback order.paid sent to https://callback.shop{digit}.example.com/hook, 200 in {ms} ms, try 1",
    'Search "running shoes" found {number} articles in 3 categories in {ms} ms for client {ip} (index articles-{digit})',
    "Ranking model {digit}.{digit} rated {number} articles for account {user} in {ms} ms, best ART-{order}",
    "Picture {uuid}.webp scaled to 4 sizes and stored in {ms} ms, {number} KB less, bucket pictures-{digit}",
    "Health is good: database answered in {ms} ms, cache in {us} us, backlog {number}, up for {order} s",
    "Reader group billing shared out anew: {digit} members, {digit} partitions for worker-{digit}, epoch {number}",
    "Tariff worked out for account {user}: base {eur} EUR, rebate {percent}%, surcharges none, valid from the next invoice",
    "Export turnover-by-day written for region south-{digit}: {number} lines, {number} KB, {ms} ms, file {uuid}",
    "Settings read from revision {order} of the central store: {digit} keys differ, {digit} components told",
    "Risk of order {order} from {ip} rated {percent}, {digit} rules fired, decided PASS in {ms} ms",
  ],
  WARNING: [
    "Slow statement: {ms}00 ms for SELECT * FROM order_lines WHERE order_id = ANY($1) rows={number} on replica-{digit}",
    "Client {ip} has used {number} of the 1000 requests allowed in this minute, account {email}",
    "Payment {uuid} of order {order} tried again: no answer from the issuer for {ms}0 ms, try {digit} of 5",
    "Sign-in refused for {email} from {ip}: wrong password, {digit} refusals within an hour",
    "Backlog of queue receipts is {order} messages, {number} seconds behind, alarm at 300 seconds",
    "Route /api/v1/orders is going away, still used {number} times today by {ip} (agent partner-kit/2.{digit})",
    "Article ART-{order} is running short: only {digit} left in hall H-{digit}, reorder level {number}",
    "Certificate of callback.shop{digit}.example.com ends in {digit} days, serial {uuid}",
    "Breaker towards parcels half open after {number} failures, trying with request {uuid}",
    "Memory at {percent}% of 1024 MiB on node checkout-{digit}, gc takes {digit}% of the time",
    "Geocoder took {ms}0 ms where 400 ms are allowed, used the stored place of {ip}",
    "Clocks of node-{digit} and node-{digit} differ by {ms} ms, more than the tolerance",
  ],
  ERROR: [
    "Payment {uuid} of order {order} failed: declined by the issuer (code 51, not enough money), account {email}",
    "Uncaught TypeError in confirmOrder at order_service.ts:{number}: cannot read 'total' of null, order={order} request={uuid}",
    "Lost the database connection: terminated by the administrator (host pg-{digit}.internal, pool orders, after {ms} ms)",
    "No answer from http://parcels.internal:8080/v2/labels for order {order} within {ms}0 ms (try 3 of 3), gave up",
    "Callback order.paid to https://callback.shop{digit}.example.com/hook failed: 503 after {digit} tries, event {uuid}",
    "Deadlock detected, transaction rolled back (order {order}, table order_lines, waited {ms} ms)",
    "Cannot read event {uuid} of stream orders: unexpected byte at offset {number}, put aside",
    "Mail to {email} came back: 550 5.1.1 no such mailbox, template receipt, order {order}",
    "Disk of pictures-{digit} is {percent}% full, write of {number} MB refused, no space left",
    "Account {email} at {ip} asked for /admin/accounts/{user} without the role for it, refused",
    "Cache gave no answer within {ms}0 ms: SET basket:{user} (cache-{digit}:6379), not asked again for {number} ms",
  ],
};
