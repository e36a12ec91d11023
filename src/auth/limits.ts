/**
 * The most tokens a server keeps. Each is held in memory (about 1 KiB with a list of services: 10 MiB in all) and loaded
 * by one scan at start; a team's services and people are hundreds, so thousands more mean a script gone wrong.
 */
export const TOKENS_MAX = 10_000;

/** The longest name of a token, in UTF-16 units: as long as a service's name, which it often is. */
export const TOKEN_NAME_UNITS_MAX = 128;

/**
 * The most services one token may list: 200 names of 128 two-byte characters are 52 KB, which one database value (64 KiB)
 * holds. A longer list should be `"*"`.
 */
export const TOKEN_SERVICES_MAX = 200;

/** The longest name of a service in a grant, in UTF-16 units: what a record's service may have. */
export const TOKEN_SERVICE_UNITS_MAX = 128;

/** Random bytes in a token: 256 bits cannot be guessed. */
export const TOKEN_RANDOM_BYTES = 32;

/** Tokens longer than this are unknown without being hashed: ours have 52 characters, demo tokens fewer than 64. */
export const TOKEN_TEXT_UNITS_MAX = 256;

/**
 * `Authorization` values remembered with the token they proved to be, so that a request costs a map look-up instead of
 * 3 µs of parsing and SHA-256. Only good ones are kept, so strangers cannot push them out; 1,024 × 0.5 KiB is small.
 */
export const AUTHORIZATION_CACHE_MAX = 1_024;

/** A session that nobody used for this long is over: a night's sleep, so that a laptop left behind is closed to others. */
export const SESSION_IDLE_MS_MAX = 12 * 60 * 60 * 1000;

/** A session is over after this long however much it is used: a stolen cookie must not live for ever. */
export const SESSION_MS_MAX = 7 * 24 * 60 * 60 * 1000;

/** A session in use is sealed anew no more often than this: often enough for its idle time to be true. */
export const SESSION_RENEWAL_MS = 10 * 60 * 1000;

/** Sealed sessions that were opened and are remembered so, as authorizations are: opening one takes some 20 µs. */
export const SESSION_CACHE_MAX = 1_024;

/**
 * Sessions signed out that this process remembers, so that a copied cookie is refused as well: 10,000 × 0.2 KiB. Past it
 * the oldest is forgotten, whose own browser has dropped its cookie long ago.
 */
export const SIGNED_OUT_MAX = 10_000;
