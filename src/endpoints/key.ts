/** The API key: read from the environment, sent to one origin, told to nobody. */
import { UserError } from "../core/index.ts";

export interface Key {
  readonly headers: Readonly<Record<string, string>>;
  /** `text` without the key, which a server may echo. */
  scrub(text: string): string;
}

/** Reads the key; refuses to send one in the clear to another machine. */
export function bearerFrom(
  variable: string | null,
  url: URL,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Key {
  if (variable === null) return { headers: {}, scrub: (text) => text };
  const value = env[variable]?.trim();
  if (!value || /[^\x21-\x7e]/.test(value)) {
    throw new UserError(`environment variable ${variable}`, {
      expected: "the endpoint's API key",
      got: value ? "something that is no key" : "nothing",
      fix: `export ${variable}=…`,
    });
  }
  if (url.protocol !== "https:" && !isLoopback(url.hostname)) {
    throw new UserError(url.origin, {
      expected: "https, because a key is sent",
      got: "http",
      fix: "use the https address, or leave the key out",
    });
  }
  return { headers: { authorization: `Bearer ${value}` }, scrub: (text) => text.replaceAll(value, "[key]") };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The base address of an endpoint; a key has no place in it. */
export function parsedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const web = url !== null && /^https?:$/.test(url.protocol);
  if (!web || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    const got = url?.username || url?.password || url?.search ? "one with credentials or a query" : text;
    throw new UserError("endpoint", {
      expected: "an http or https address without credentials",
      got,
      fix: "give it as https://host/v1 and the key in an environment variable",
    });
  }
  return url;
}
