// deno-lint-ignore-file no-console -- the console is what is sent
/** A Deno program that knows nothing of OpenTelemetry: Deno itself sends its console. */

console.log("an ordinary line");
console.error("something failed:", 42);
