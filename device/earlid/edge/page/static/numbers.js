// The slider: what another threshold would have done, from what was recorded; and the way to erase it all.

import { ask, byId, say } from "/static/common.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 150, LEFT = 40, FOOT = 20, TOP = 8;
let told = null;

const figure = (value) => (value === null ? "?" : value === 0 ? "0" : value >= 100 ? value.toFixed(0) : value.toPrecision(2));
const percent = (value) => (value === null ? "?" : `${figure(100 * value)} %`);

function put(into, name, facts, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(facts)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  into.append(made);
  return made;
}

/** Draw `key` ([value, low, high] of each point) over the thresholds. */
function curve(svg, key, words) {
  const width = svg.getBoundingClientRect().width || 400;
  const points = told.points, first = points[0].threshold, last = points.at(-1).threshold;
  const ends = points.map((point) => point[key][2] ?? point[key][0] ?? 0);
  const most = Math.max(Math.min(Math.max(...ends), 4 * Math.max(...points.map((point) => point[key][0] ?? 0), 0.02)), 1e-6);
  const x = (threshold) => LEFT + ((threshold - first) / (last - first || 1)) * (width - LEFT - 6);
  const y = (value) => TOP + (1 - Math.min(1, (value ?? most) / most)) * (HEIGHT - FOOT - TOP);
  svg.replaceChildren();
  for (const share of [0, 0.5, 1]) {
    put(svg, "line", { class: "axis", x1: LEFT, x2: width - 6, y1: y(share * most), y2: y(share * most) });
    put(svg, "text", { x: LEFT - 6, y: y(share * most) + 4, "text-anchor": "end" }, words(share * most));
  }
  const place = (at, part) => `${x(points[at].threshold).toFixed(1)},${y(points[at][key][part]).toFixed(1)}`;
  const all = points.map((_, at) => at);
  put(svg, "polygon", { class: "band", points: [...all.map((at) => place(at, 2)), ...all.toReversed().map((at) => place(at, 1))].join(" ") });
  put(svg, "polyline", { class: "line", points: all.map((at) => place(at, 0)).join(" ") });
  for (const mark of [first, 0.5, 0.75, last].filter((one, at, them) => one >= first && one <= last && them.indexOf(one) === at)) {
    put(svg, "text", { x: x(mark), y: HEIGHT - 4, "text-anchor": "middle" }, mark.toFixed(2));
  }
  if (told.now !== null) put(svg, "line", { class: "now", x1: x(told.now), x2: x(told.now), y1: TOP, y2: HEIGHT - FOOT });
  const here = put(svg, "line", { class: "here", y1: TOP, y2: HEIGHT - FOOT });
  const spot = put(svg, "circle", { class: "spot", r: 4.5 });
  return (point) => {
    for (const end of ["x1", "x2"]) here.setAttribute(end, x(point.threshold));
    spot.setAttribute("cx", x(point.threshold));
    spot.setAttribute("cy", y(point[key][0] ?? 0));
  };
}

const slider = byId("threshold");
let move = () => {};

function show() {
  if (!told?.points.length) return;
  const point = told.points.reduce((best, one) => (Math.abs(one.threshold - slider.value) < Math.abs(best.threshold - slider.value) ? one : best));
  const put = (id, number, rest) => {
    const strong = document.createElement("b");
    strong.textContent = number;
    byId(id).replaceChildren(strong, rest);
  };
  byId("threshold-now").textContent = point.threshold.toFixed(2);
  slider.setAttribute("aria-valuetext", `${point.threshold.toFixed(2)}${point.threshold === told.now ? ", as it is now" : ""}`);
  const [rate, low, high] = point.rate;
  put("fa", figure(rate), ` · ${figure(rate === null ? null : 24 * rate)} a day`);
  byId("fa-span").textContent = `${figure(low)} to ${figure(high)} · ${point.false} in ${told.hours.toFixed(0)} h${point.open ? `, ${point.open} not judged` : ""}`;
  const [share, least, most] = point.share;
  put("lost", point.of ? String(point.lost) : "?", point.of ? ` of ${point.of} · ${percent(share)}` : "");
  byId("lost-span").textContent = point.of
    ? `${percent(least)} to ${percent(most)}${point.gained ? ` · and ${point.gained} more would wake` : ""}`
    : "label some wakes true first";
  move(point);
}

async function load() {
  told = await ask(`/api/what-if/${encodeURIComponent(byId("word").value)}`);
  const has = told.points.length > 0 && told.hours > 0;
  byId("what-if-body").hidden = !has;
  byId("what-if-none").hidden = has;
  byId("what-if-none").textContent = "Nothing of this word was recorded yet.";
  if (!has) return;
  slider.min = told.points[0].threshold;
  slider.max = told.points.at(-1).threshold;
  slider.value = told.now ?? slider.min;
  draw();
}

function draw() {
  if (!told?.points.length) return;
  const rates = curve(byId("fa-curve"), "rate", figure), shares = curve(byId("lost-curve"), "share", percent);
  move = (point) => { rates(point); shares(point); };
  show();
}

if (byId("word")?.value) {
  slider.addEventListener("input", show);
  addEventListener("resize", draw);
  byId("word").addEventListener("change", () => load().catch((error) => say(error.message)));
  load().catch((error) => say(error.message));
}

const sure = byId("sure"), button = byId("erase-all").querySelector("button");
const weigh = () => { button.disabled = sure.value.trim().toLowerCase() !== sure.dataset.sure; };
sure.addEventListener("input", weigh);
weigh();  // a quick hand may have typed it before this script was there
byId("erase-all").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.disabled) return;
  try {
    await ask("/api/erase-everything", { sure: sure.value.trim().toLowerCase() });
    say("everything is erased");
    setTimeout(() => location.assign("/"), 900);
  } catch (error) {
    say(error.message);
  }
});
