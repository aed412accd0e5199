// The queue and the recording in front of its owner: one key for each label, and z takes it back.

import { ask, byId, make, say, tell } from "/static/common.js";
import { Player } from "/static/player.js";

const TAGS = [...document.querySelectorAll("[data-tag]")];
const LABELS = [...document.querySelectorAll("[data-label]")];
const filter = byId("filter");
const state = { rows: [], at: -1, waiting: 0, all: 0, shown: 0, noteOf: null };

const player = new Player((seconds, plays) => {
  byId("play").classList.toggle("on", plays);
  byId("play").setAttribute("aria-label", plays ? "Pause" : "Play");
  byId("position").value = seconds;
  const from = (Math.round(10 * (seconds - (player.peak?.at ?? 0))) / 10 || 0).toFixed(1);  // never -0
  byId("clock").textContent = `${from.replace("-", "−")} s`;
});

const current = () => state.rows[state.at];
const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/** The rows that the filter asks for; `keep` stays in front if it is still among them. */
async function load(keep) {
  const wanted = new URLSearchParams(new FormData(filter));
  const told = await ask(`/api/peaks?${wanted}`);
  Object.assign(state, { rows: told.peaks, waiting: told.waiting, all: told.all });
  byId("more").hidden = told.count <= told.peaks.length;
  byId("more").textContent = `and ${told.count - told.peaks.length} older: judge some, or filter`;
  describeFilter();
  const at = state.rows.findIndex((row) => row.id === keep);
  await go(at >= 0 ? at : 0);
}

function describeFilter() {
  const chosen = new FormData(filter), is = (kind, label) => chosen.get("kind") === kind && chosen.get("label") === label;
  const isQueue = is("wake", "waiting") && !chosen.get("word") && !chosen.get("tag") && !chosen.get("sound");
  byId("queue-title").textContent = isQueue ? "To judge" : "Recordings";
  byId("filtered").textContent = isQueue ? "" : "· on";
}

function drawRows() {
  byId("count").textContent = String(state.rows.length);
  const hadFocus = byId("rows").contains(document.activeElement);
  byId("rows").replaceChildren(...state.rows.map((row, at) => {
    const button = make("button");
    button.append(make("span", "name", row.word), make("span", "score", row.score.toFixed(2)), make("span", "at", `${row.day}, ${row.time}`));
    const chip = row.label ?? (row.kind === "wake" ? (row.sound ? "" : "no sound") : row.kind);
    if (chip) button.append(make("span", `chip ${row.label ?? ""}`, chip));
    button.setAttribute("aria-current", String(at === state.at));
    button.addEventListener("click", doing(() => go(at, true)));
    const item = make("li");
    item.append(button);
    return item;
  }));
  const row = byId("rows").children[state.at];
  if (hadFocus) row?.firstChild.focus({ preventScroll: true });
  if (row && matchMedia("(min-width: 861px)").matches) row.scrollIntoView({ block: "nearest" });
}

/** Bring recording number `at` in front, and say so after `done`, which led to it. */
async function go(at, byHand = false, done = "") {
  await keepNote();
  state.at = Math.max(0, Math.min(at, state.rows.length - 1));
  const row = current();
  if (!row) state.at = -1;
  drawRows();
  const losesFocus = !row && byId("stage").contains(document.activeElement);
  byId("stage").hidden = !row;
  byId("empty").hidden = Boolean(row);
  if (losesFocus) byId("empty").focus();
  if (!row) return drawEmpty();
  drawRow(row);
  if (byHand) tell(`${done}${row.word}, ${row.day}, ${row.time}, ${state.at + 1} of ${state.rows.length}`);
  show(row, byHand);  // not waited for: what comes next may be done before it is drawn
  return undefined;
}

/** Fetch and draw all that is known of `row`, unless another is in front by then. */
async function show(row, byHand) {
  const turn = ++state.shown;
  player.leave(row.sound);
  try {
    const peak = await ask(`/api/peaks/${row.id}`);
    if (turn !== state.shown) return;
    byId("position").max = peak.length;
    describe(peak);
    const shown = player.show(peak);
    if (byHand && byId("by-itself").checked) player.toggle();
    await shown;
  } catch (error) {
    if (turn !== state.shown) return;
    player.leave(false);
    say(error.message);
  }
}

/** What is known of the recording, in words. */
function describe(peak) {
  const woke = { wake: "Woke", "near miss": "Nearly woke", vetoed: "Was vetoed" }[peak.kind];
  byId("told").replaceChildren(`${woke} with ${peak.score.toFixed(2)}, needs ${peak.threshold.toFixed(2)} · ${peak.level.toFixed(0).replace("-", "−")} dBFS`);
  if (peak.prompted) byId("told").append(make("span", "chip", "prompted"));
  byId("transport").hidden = byId("position").hidden = !peak.sound;
  byId("silent").hidden = peak.sound;
  byId("silent").textContent = "Its sound was not kept, or is erased by now. Recordings made with --keep-audio have it, around wakes and strong near misses.";
  byId("picture").setAttribute("aria-label", `${peak.sound ? "Spectrogram, outline and score" : "Score"} from 3 seconds before to 2 seconds after: the score rises to ${peak.score.toFixed(2)}, the threshold is ${peak.threshold.toFixed(2)}`);
}

/** What its owner said of it, as the row knows it. */
function drawRow(row) {
  byId("when").textContent = `${row.day}, ${row.time}`;
  byId("what").textContent = row.word;
  byId("place").textContent = `${state.at + 1} of ${state.rows.length}`;
  byId("note").value = row.note;
  state.noteOf = row;
  for (const button of LABELS) button.setAttribute("aria-pressed", String(button.dataset.label === row.label));
  for (const button of TAGS) button.setAttribute("aria-pressed", String(row.tags.includes(button.dataset.tag)));
  byId("tags").classList.toggle("asks", row.label === "false" && !row.tags.length);
  byId("previous").disabled = state.at <= 0;
  byId("next").disabled = state.at >= state.rows.length - 1;
}

function drawEmpty() {
  player.sound.pause();
  const [title, told] = state.all === 0
    ? ["Nothing was recorded yet", "Start with: earlid field start --keep-audio. Then live with it for a while; what wakes it comes here."]
    : state.waiting === 0
      ? ["All judged", "Every wake has a label. Look at the numbers, or at the near misses by way of the filter."]
      : ["Nothing fits this filter", `${plural(state.waiting, "wake waits", "wakes wait")} for a label: set the filter back to see them.`];
  byId("empty-title").textContent = title;
  byId("empty-told").textContent = told;
}

/** The answer to a change: the row as it is now, in place. */
function took(told) {
  state.waiting = told.waiting;
  const at = state.rows.findIndex((row) => row.id === told.peak.id);
  if (at >= 0) state.rows[at] = told.peak;
  return at;
}

async function label(what) {
  const row = current();
  if (!row) return;
  took(await ask(`/api/peaks/${row.id}/label`, { label: row.label === what ? null : what }));
  const now = current();
  if (now?.id !== row.id) return;
  drawRows();
  drawRow(now);
  if (now.label === null) say("label taken away", { undo: KEYS.z });
  else if (what === "false") say("false · what set it off?", { undo: KEYS.z });
  else {
    say(what, { undo: KEYS.z });
    await next(`${what}. Next: `);
  }
}

/** The next that waits; after the last of the queue, whatever is left. */
async function next(done) {
  if (state.at < state.rows.length - 1) return go(state.at + 1, true, done);
  const waits = filter.elements.label.value === "waiting";
  return waits && state.rows.every((row) => row.label) ? load() : undefined;
}

async function tag(button) {
  const row = current();
  if (!row) return;
  const name = button.dataset.tag, is = row.tags.includes(name);
  const tags = is ? row.tags.filter((one) => one !== name) : [...row.tags, name];
  took(await ask(`/api/peaks/${row.id}/tags`, { tags }));
  if (current()?.id === row.id) drawRow(current());
  say(`${name} ${is ? "taken away" : "added"}`, { undo: KEYS.z });
}

/** Keep the note if it was changed; it stays with the recording it was written beside. */
async function keepNote() {
  const row = state.noteOf, note = byId("note").value;
  if (!row || row.note === note) return;
  state.noteOf = null;
  try {
    took(await ask(`/api/peaks/${row.id}/note`, { note }));
    say("note kept", { undo: KEYS.z });
  } catch (error) {
    say(error.message);
  }
  state.noteOf = current() ?? null;
}

async function erase() {
  const row = current();
  if (!row) return;
  player.sound.pause();
  const told = await ask(`/api/peaks/${row.id}/erase`, {});
  state.waiting = told.waiting;
  state.noteOf = null;
  state.rows = state.rows.filter((one) => one.id !== row.id);
  say(`deleted for good in ${told.grace.toFixed(0)} seconds`, { forMs: 1000 * told.grace, undo: KEYS.z });
  await go(state.at);
}

async function undo() {
  state.noteOf = null;
  const told = await ask("/api/undo", {});
  if (!told.peak) return say("nothing to undo");
  const at = took(told);
  if (at >= 0) await go(at);
  else await load(told.peak.id);
  return say(`undone: ${told.peak.word}, ${told.peak.time}${told.peak.label ? `, ${told.peak.label}` : ", no label"}`);
}

let before = Promise.resolve();
/** Whatever is done is done in order: a quick hand presses f and 1 before the first is answered. */
const doing = (work) => (...args) => {
  before = before.then(() => work(...args)).catch((error) => say(error.message));
  return before;
};

const KEYS = {
  t: doing(() => label("true")), f: doing(() => label("false")), u: doing(() => label("unsure")),
  d: doing(erase), z: doing(undo), n: () => byId("note").focus(),
  j: doing(() => next()), ArrowDown: doing(() => next()), k: doing(() => go(state.at - 1, true)), ArrowUp: doing(() => go(state.at - 1, true)),
  " ": () => player.toggle(),
  ArrowLeft: () => player.seek(player.sound.currentTime - 0.5), ArrowRight: () => player.seek(player.sound.currentTime + 0.5),
};
TAGS.forEach((button, at) => { KEYS[String(at + 1)] = doing(() => tag(button)); });

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && !event.key.startsWith("Arrow")) return;
  const into = event.target;
  if (into === byId("note")) {
    if (event.key === "Enter" || event.key === "Escape") {
      if (event.key === "Escape") into.value = current()?.note ?? "";
      into.blur();
    }
    return;
  }
  if (into.matches("select, input[type=range]") && event.key.startsWith("Arrow")) return;
  if (into.matches("select")) return;
  if (event.key === " " && into.matches("button, input[type=checkbox], a, summary")) return;
  const work = KEYS[event.key];
  if (!work) return;
  event.preventDefault();
  work();
});

for (const button of LABELS) button.addEventListener("click", doing(() => label(button.dataset.label)));
for (const button of TAGS) button.addEventListener("click", doing(() => tag(button)));
byId("erase").addEventListener("click", doing(erase));
byId("undo").addEventListener("click", doing(undo));
byId("empty-undo").addEventListener("click", doing(undo));
byId("next").addEventListener("click", doing(() => next()));
byId("previous").addEventListener("click", doing(() => go(state.at - 1, true)));
byId("play").addEventListener("click", () => player.toggle());
byId("position").addEventListener("input", (event) => player.seek(Number(event.target.value)));
byId("note").addEventListener("change", doing(keepNote));
filter.addEventListener("change", doing(() => load(current()?.id)));
filter.addEventListener("submit", (event) => event.preventDefault());
byId("by-itself").checked = localStorage.getItem("by-itself") !== "no";
byId("by-itself").addEventListener("change", (event) => localStorage.setItem("by-itself", event.target.checked ? "yes" : "no"));
doing(load)();
