/** Signing keys of this user: one folder, two PEM files a name; the private one is the owner's to read alone. */
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../core/index.ts";
import { fingerprintOf, newKeyPair, readPrivateKey, readPublicKey } from "../../store/index.ts";

export interface SigningKey {
  readonly name: string;
  readonly fingerprint: string;
  /** Path of the public half, to be handed out. */
  readonly publicPath: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `$PENUMBRA_KEYS`, else below the user's configuration. */
export function keysFolder(env: Environment = process.env): string {
  return env.PENUMBRA_KEYS || join(env.XDG_CONFIG_HOME || join(homedir(), ".config"), "penumbra", "keys");
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

export async function createSigningKey(name: string, folder = keysFolder()): Promise<SigningKey> {
  if (!NAME.test(name))
    throw new UserError("the key's name", {
      expected: "letters, digits, dots and dashes",
      got: name,
      fix: "choose another name",
    });
  const { privatePem, publicPem } = newKeyPair();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const paths = pathsOf(folder, name);
  // Never over a key that is there: what it signed could not be vouched for again.
  await writeFile(paths.private, privatePem, { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    throw new UserError(`key ${name}`, {
      expected: "a new name",
      got: "a key that is there already",
      fix: "choose another name, or use it as it is",
    });
  });
  await chmod(paths.private, 0o600);
  await writeFile(paths.public, publicPem);
  return keyNamed(name, folder);
}

export async function listSigningKeys(folder = keysFolder()): Promise<readonly SigningKey[]> {
  const names = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(".public.pem")).sort();
  return Promise.all(names.map((file) => keyNamed(file.slice(0, -".public.pem".length), folder)));
}

async function keyNamed(name: string, folder: string): Promise<SigningKey> {
  const { public: publicPath } = pathsOf(folder, name);
  const key = readPublicKey(await readFile(publicPath, "utf8"));
  if (!key)
    throw new UserError(publicPath, {
      expected: "an Ed25519 public key",
      got: "something else",
      fix: "make a new key",
    });
  return { name, fingerprint: fingerprintOf(key), publicPath };
}

export async function privateKeyOf(name: string, folder = keysFolder()) {
  const path = pathsOf(folder, name).private;
  const known = async () => (await listSigningKeys(folder)).map((key) => key.name).join(", ") || "none yet";
  const pem = await readFile(path, "utf8").catch(() => null);
  if (pem === null)
    throw new UserError(`key ${name}`, {
      expected: "one of your signing keys",
      got: `no such key (there are: ${await known()})`,
      fix: `penumbra signing-key create ${name}`,
    });
  const key = readPrivateKey(pem);
  if (!key)
    throw new UserError(path, { expected: "an Ed25519 private key", got: "something else", fix: "make a new key" });
  return key;
}

const pathsOf = (folder: string, name: string) => ({
  private: join(folder, `${name}.private.pem`),
  public: join(folder, `${name}.public.pem`),
});
