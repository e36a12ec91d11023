/** The other end of a connection, as `Deno.serve` tells it. */
export interface Peer {
  readonly remoteAddr: { readonly hostname: string };
}

/** Longer than any address. */
const ADDRESS_UNITS_MAX = 64;

/**
 * Whom a request comes from, as a key for counting: an IPv4 address, or the network (64 bits) of an IPv6 address, which is
 * what one subscriber has. Behind a proxy on the same machine it is whom the proxy names.
 */
export function clientAddress({ headers }: Request, peer: Peer | undefined): string {
  const address = peer?.remoteAddr.hostname ?? "unknown";
  if (!isLoopback(address)) return networkOf(address);
  // The last one is the proxy's own observation; what stands before it anybody can write.
  const forwarded = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim();
  return forwarded ? networkOf(forwarded.slice(0, ADDRESS_UNITS_MAX)) : address;
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1" || address.startsWith("::ffff:127.");
}

function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
