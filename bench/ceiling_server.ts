/** @module A ceiling: the least that a server can do with records, which is to parse them and forget them. */

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => announce(port) },
  async (request) => {
    const body: unknown = JSON.parse(await request.text());
    const count = Array.isArray(body) ? body.length : 1;
    return Response.json({ count }, { status: 201 });
  },
);

function announce(port: number): void {
  const line = `Ceiling is listening on http://127.0.0.1:${port}\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(line));
}

await server.finished;
