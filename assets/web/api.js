/** The API of the server that this page came from. The key lives in this tab and goes with it. */
const KEY = "penumbra-key";

export const savedKey = () => sessionStorage.getItem(KEY) ?? "";
export const saveKey = (key) => sessionStorage.setItem(KEY, key);

/** Asks; throws the API's own message where it refuses. */
export async function ask(path, { method = "GET", json, body } = {}) {
  const headers = { authorization: `Bearer ${savedKey()}` };
  if (json !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: json === undefined ? body : JSON.stringify(json) });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => null);
  throw new Error(told?.error?.message ?? `The server answered ${answer.status}`);
}

export const read = async (path, options) => (await ask(path, options)).json();

/** Keeps an answer as a file of the person's. */
export async function save(path, name) {
  const url = URL.createObjectURL(await (await ask(path)).blob());
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

/** The objects of a stream of server-sent events, as they come. */
export async function* stream(path, options) {
  const answer = await ask(path, options);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = part
        .split("\n")
        .filter((line) => line.startsWith("data: "))
        .map((line) => line.slice(6))
        .join("\n");
      if (data === "[DONE]") return;
      if (data === "") continue;
      const event = JSON.parse(data);
      if (event.error) throw new Error(event.error.message);
      yield event;
    }
  }
}
