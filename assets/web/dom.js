/** Elements of the page, and what a person asked for. All text goes in as text: names and rows are other people's. */
export const at = (id) => document.getElementById(id);

export function say(text) {
  at("notice").textContent = text;
}

/** Runs what a person asked for; tells what goes wrong. */
export async function attempt(work) {
  say("");
  try {
    await work();
  } catch (error) {
    say(error.message);
    at("notice").scrollIntoView({ block: "nearest" });
  }
}

export function make(name, text, attributes = {}, children = []) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function button(text, work, attributes = {}) {
  const made = make("button", text, { type: "button", ...attributes });
  made.addEventListener("click", () => withoutButton(made, work));
  return made;
}

export function onSubmit(form, work) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    withoutButton(event.submitter ?? form.querySelector("button"), () => work(event.submitter));
  });
}

/** Nobody presses twice what is under way. What is disabled loses the focus: it comes back, unless it went elsewhere. */
function withoutButton(pressed, work) {
  const focused = document.activeElement === pressed;
  pressed.disabled = true;
  void attempt(work).finally(() => {
    pressed.disabled = false;
    if (focused && document.activeElement === document.body) pressed.focus({ preventScroll: true });
  });
}
