/** @module Certificates that a test makes for itself, with openssl. */

import { join } from "./_server.ts";

/** PEM texts. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of a test's own, in a folder of its own. */
export class TestAuthority {
  private constructor(readonly dir: string, readonly certificate: string) {}

  /** Whether openssl is there. */
  static readonly available = hasOpenssl();

  static async make(dir: string): Promise<TestAuthority> {
    await openssl(dir, [
      "req",
      "-x509",
      ...NEW_KEY,
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      ...LIFE,
      "-subj",
      "/CN=Test authority",
    ]);
    return new TestAuthority(dir, await Deno.readTextFile(join(dir, "ca.pem")));
  }

  /** The authority's certificate. */
  get path(): string {
    return join(this.dir, "ca.pem");
  }

  /** Where the certificate of a name is, and with `.key` its key. */
  pathOf(name: string): string {
    return join(this.dir, `${name}.pem`);
  }

  /** A certificate for localhost, signed by this authority. @param name also of its files: `NAME.pem`, `NAME.key` */
  async sign(name: string): Promise<Pair> {
    await Deno.writeTextFile(
      join(this.dir, "names"),
      "subjectAltName=DNS:localhost,IP:127.0.0.1\n",
    );
    await openssl(this.dir, [
      "req",
      ...NEW_KEY,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
      "-subj",
      `/CN=${name}`,
    ]);
    await openssl(this.dir, [
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-out",
      `${name}.pem`,
      ...LIFE,
      "-extfile",
      "names",
    ]);
    return {
      certificate: await Deno.readTextFile(join(this.dir, `${name}.pem`)),
      key: await Deno.readTextFile(join(this.dir, `${name}.key`)),
    };
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const LIFE = ["-days", "2"];

function hasOpenssl(): boolean {
  try {
    return new Deno.Command("openssl", { args: ["version"], stdout: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function openssl(cwd: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, cwd }).output();
  if (!success) throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}
