// Draws one recording: spectrogram, outline and score over one time axis, and a line where it plays.

import { ask, byId, bytes } from "/static/common.js";

const LEFT = 46, RIGHT = 10, TOP = 20, BOTTOM = 22, GAP = 8;

const mix = (a, b, share) => a.map((part, at) => Math.round(part + (b[at] - part) * share));

function rgb(text) {
  const hex = text.trim().slice(1);
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** The colours of the page, as its style sheet has them now. */
function palette() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  const stops = ["s0", "s1", "s2", "s3", "s4"].map((name) => rgb(of(name)));
  const ramp = Array.from({ length: 256 }, (_, at) => {
    const place = (at / 255) ** 1.35 * (stops.length - 1), low = Math.min(stops.length - 2, Math.floor(place));
    return mix(stops[low], stops[low + 1], place - low);
  });
  return { of, ramp };
}

export class Player {
  constructor(onTime) {
    this.canvas = byId("picture");
    this.sound = byId("sound");
    this.onTime = onTime;
    this.peak = null;
    this.image = null;
    this.drawn = null;
    this.wanted = null;
    this.sound.addEventListener("loadedmetadata", () => this.go());
    this.sound.addEventListener("seeked", () => { this.wanted = null; });
    this.sound.addEventListener("play", () => this.follow());
    for (const name of ["pause", "ended", "seeked", "loadedmetadata"]) {
      this.sound.addEventListener(name, () => this.tick());
    }
    this.canvas.addEventListener("pointerdown", (event) => this.point(event));
    this.canvas.addEventListener("pointermove", (event) => event.buttons === 1 && this.point(event));
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
  }

  /** Until the next is shown, no key and no pointer acts on what was there before. */
  leave(hasSound) {
    this.sound.pause();
    this.peak = null;
    this.canvas.setAttribute("aria-busy", String(hasSound));
  }

  /** Show `peak`; its sound, if it has any, comes after. */
  async show(peak) {
    this.peak = peak;
    this.wanted = null;
    this.image = this.wave = this.picture = null;
    this.sound.pause();
    byId("player").classList.toggle("mute", !peak.sound);
    if (peak.sound) this.sound.src = `/sound/${peak.id}.wav`;
    else this.sound.removeAttribute("src");
    this.canvas.setAttribute("aria-busy", String(peak.sound));
    this.draw();
    if (!peak.sound) return;
    const picture = await ask(`/api/peaks/${peak.id}/picture`);
    if (this.peak !== peak) return;
    this.picture = picture;
    this.paint();
    this.canvas.setAttribute("aria-busy", "false");
  }

  toggle() {
    if (!this.peak?.sound) return;
    if (this.sound.paused) {
      if (this.sound.currentTime >= this.peak.length - 0.06) this.sound.currentTime = 0;
      this.sound.play().catch(() => {});
    } else this.sound.pause();
  }

  seek(seconds) {
    if (!this.peak?.sound) return;
    this.wanted = Math.max(0, Math.min(this.peak.length - 0.01, seconds));
    this.go();
    this.tick();
  }

  /** To where somebody wants to hear it; once more when the sound is there, which may be later. */
  go() {
    if (this.wanted !== null) this.sound.currentTime = this.wanted;
  }

  point(event) {
    if (!this.peak?.sound) return;
    const box = this.canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
    this.seek(share * this.peak.length);
  }

  follow() {
    this.tick();
    if (!this.sound.paused) requestAnimationFrame(() => this.follow());
  }

  tick() {
    this.onTime(this.sound.currentTime || 0, !this.sound.paused && !this.sound.ended);
    this.showHead();
  }

  /** The spectrogram as an image, in the colours of now. */
  paint() {
    if (this.picture) {
      const { ramp } = palette(), bands = this.picture.bands, levels = bytes(this.picture.spectrogram);
      const columns = levels.length / bands;
      const image = new ImageData(columns, bands);
      for (let column = 0; column < columns; column++) {
        for (let band = 0; band < bands; band++) {
          const to = 4 * ((bands - 1 - band) * columns + column), colour = ramp[levels[column * bands + band]];
          image.data.set([colour[0], colour[1], colour[2], 255], to);
        }
      }
      this.image = new OffscreenCanvas(columns, bands);
      this.image.getContext("2d").putImageData(image, 0, 0);
      const signed = (text) => new Int8Array(bytes(text).buffer);
      this.wave = [signed(this.picture.low), signed(this.picture.high)];
    }
    this.draw();
  }

  draw() {
    const peak = this.peak, box = this.canvas.getBoundingClientRect();
    if (!peak || !box.width) return;
    const scale = devicePixelRatio || 1;
    this.canvas.width = Math.round(box.width * scale);
    this.canvas.height = Math.round(box.height * scale);
    this.drawn = new OffscreenCanvas(this.canvas.width, this.canvas.height);
    const on = this.drawn.getContext("2d");
    on.scale(scale, scale);
    const { of } = palette(), width = box.width - LEFT - RIGHT;
    const x = (seconds) => LEFT + (seconds / peak.length) * width;
    const room = box.height - TOP - BOTTOM - (peak.sound ? 2 * GAP : 0);
    const heights = peak.sound ? [0.5 * room, 0.15 * room, 0.35 * room] : [0, 0, room];
    on.font = "11px system-ui, sans-serif";
    on.textBaseline = "middle";
    let y = TOP;
    if (peak.sound) {
      this.lane(on, of, x(0), y, width, heights[0]);
      if (this.image) {
        on.save();
        on.beginPath();
        on.roundRect(x(0), y, width, heights[0], 6);
        on.clip();
        on.imageSmoothingQuality = "high";
        on.drawImage(this.image, x(0), y, width, heights[0]);
        on.restore();
        this.pitches(on, of, y, heights[0]);
      }
      y += heights[0] + GAP;
      this.outline(on, of, x(0), y, width, heights[1]);
      y += heights[1] + GAP;
    }
    this.scores(on, of, x, y, width, heights[2]);
    this.axis(on, of, x, box.height);
    this.showHead();
  }

  lane(on, of, x, y, width, height) {
    on.fillStyle = of("s0");
    on.beginPath();
    on.roundRect(x, y, width, height, 6);
    on.fill();
  }

  /** How high a row of the spectrogram sounds. */
  pitches(on, of, y, height) {
    on.fillStyle = of("soft");
    on.textAlign = "right";
    for (const [name, share] of this.picture.pitches) on.fillText(name, LEFT - 8, y + (1 - share) * height);
  }

  outline(on, of, x, y, width, height) {
    this.lane(on, of, x, y, width, height);
    if (!this.wave) return;
    const [low, high] = this.wave, middle = y + height / 2, half = height / 2 - 2;
    on.fillStyle = of("s2");
    on.beginPath();
    for (let at = 0; at < high.length; at++) on.lineTo(x + (at / high.length) * width, middle - (high[at] / 127) * half - 0.4);
    for (let at = low.length - 1; at >= 0; at--) on.lineTo(x + (at / low.length) * width, middle - (low[at] / 127) * half + 0.4);
    on.fill();
  }

  scores(on, of, x, y, width, height) {
    const peak = this.peak, up = (score) => y + height - 4 - score * (height - 10);
    this.lane(on, of, x(0), y, width, height);
    on.fillStyle = of("soft");
    on.textAlign = "right";
    for (const mark of [0, 0.5, 1]) on.fillText(String(mark), LEFT - 8, up(mark));
    const line = () => {
      on.beginPath();
      for (const [at, score] of peak.trace) on.lineTo(x(at), up(score));
    };
    if (peak.trace.length > 1) {
      line();
      on.lineTo(x(peak.trace.at(-1)[0]), up(0));
      on.lineTo(x(peak.trace[0][0]), up(0));
      on.fillStyle = of("accent-wash");
      on.fill();
      line();
      on.strokeStyle = of("accent");
      on.lineWidth = 2;
      on.lineJoin = "round";
      on.stroke();
    }
    on.strokeStyle = of("false");
    on.lineWidth = 1.5;
    on.setLineDash([5, 4]);
    on.beginPath();
    on.moveTo(x(0), up(peak.threshold));
    on.lineTo(x(peak.length), up(peak.threshold));
    on.stroke();
    on.setLineDash([]);
    on.fillStyle = of("false");
    on.textAlign = "left";
    on.fillText(`needs ${peak.threshold.toFixed(2)}`, x(0) + 8, up(peak.threshold) - 9);
    on.beginPath();
    on.arc(x(peak.at), up(Math.min(1, peak.score)), 4.5, 0, 7);
    on.fillStyle = of("accent");
    on.fill();
    on.strokeStyle = of("card");
    on.lineWidth = 2;
    on.stroke();
  }

  axis(on, of, x, height) {
    const peak = this.peak, seconds = Math.round(peak.length);
    on.fillStyle = of("soft");
    on.textAlign = "center";
    for (let at = 0; at <= seconds; at++) {
      const from = at - peak.at, text = from ? `${from > 0 ? "+" : "−"}${Math.abs(from)} s` : "0";
      on.textAlign = at === 0 ? "left" : at === seconds ? "right" : "center";
      on.fillText(text, x(at), height - 8);
    }
    on.strokeStyle = of("ink");
    on.globalAlpha = 0.35;
    on.lineWidth = 1;
    on.beginPath();
    on.moveTo(x(peak.at), TOP - 4);
    on.lineTo(x(peak.at), height - BOTTOM);
    on.stroke();
    on.globalAlpha = 1;
    on.fillStyle = of("soft");
    on.textAlign = "center";
    on.fillText(peak.kind === "near miss" ? "nearest" : peak.kind === "vetoed" ? "vetoed" : "woke", x(peak.at), TOP - 11);
  }

  /** The line where it plays, over the picture as it was drawn. */
  showHead() {
    if (!this.drawn || !this.peak) return;
    const on = this.canvas.getContext("2d"), box = this.canvas.getBoundingClientRect();
    on.clearRect(0, 0, this.canvas.width, this.canvas.height);
    on.drawImage(this.drawn, 0, 0);
    if (!this.peak.sound || !(this.sound.currentTime > 0)) return;
    const at = LEFT + (Math.min(this.sound.currentTime, this.peak.length) / this.peak.length) * (box.width - LEFT - RIGHT);
    const scale = this.canvas.width / box.width;
    on.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--focus").trim();
    on.fillRect((at - 1) * scale, TOP * scale, 2 * scale, (box.height - BOTTOM - TOP) * scale);
  }
}
