// What every page needs: asking the program, and saying something for a moment.

const token = document.querySelector("meta[name=token]").content;
const toast = document.getElementById("toast");
let fading = 0, undoing = null;

export const byId = (id) => document.getElementById(id);

/** Ask for `path`; with `body`, send that as JSON. What is amiss is thrown with words for people. */
export async function ask(path, body) {
  const how = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Earlid-Token": token },
    body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...how });
  } catch {
    throw new Error("the page's program does not answer: is earlid field review still on?");
  }
  if (answer.status === 401) {
    location.assign("/pair");
    throw new Error("this browser is not paired any more");
  }
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told;
}

/** Say something to screen readers alone. */
export function tell(text) {
  byId("said").textContent = text;
}

/** Say something at the foot of the page, to screen readers, too; `undo` can be touched beside it. */
export function say(text, { forMs = 4000, undo = null } = {}) {
  clearTimeout(fading);
  byId("toast-words").textContent = text;
  byId("toast-undo").hidden = !undo;
  undoing = undo;
  tell(undo ? `${text}, z undoes` : text);
  toast.classList.add("on");
  fading = setTimeout(() => toast.classList.remove("on"), forMs);
}

byId("toast-undo").addEventListener("click", () => {
  toast.classList.remove("on");
  undoing?.();
});

/** An element with a class and text; text is never markup. */
export function make(name, kind, text) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Base64 as bytes. */
export function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
