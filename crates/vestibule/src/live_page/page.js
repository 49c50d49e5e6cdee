"use strict";
{
  const german = navigator.language.toLowerCase().startsWith("de");
  const locale = german ? "de" : "en";
  const say = german
    ? {
        waiting: "Warten auf das Bild.",
        live: (age) => `Live. Bild ${age} s alt.`,
        frozen: (seconds) => `Das Bild steht seit ${seconds} s.`,
        cut: (seconds) => `Keine Verbindung. Das Bild steht seit ${seconds} s.`,
        away: "Keine Verbindung zu Vestibule.",
        ended: (time) => `Aufnahme beendet um ${time}.`,
        unsupported: "Dieser Browser kann das Bild nicht zeigen: Ihm fehlt H.264.",
        locked: "Zu und verriegelt.",
        unlocked: "Zu, nicht verriegelt.",
        open: "Offen.",
        unknown: "Wir wissen es nicht.",
        checkedNow: "Gerade geprüft.",
        checked: (seconds) => `Geprüft vor ${seconds} s.`,
        heard: (time) => `Letzte Meldung ${time}.`,
        gap: (seconds) => `Hier fehlen ${seconds} s Aufnahme.`,
      }
    : {
        waiting: "Waiting for the picture.",
        live: (age) => `Live. Picture ${age} s old.`,
        frozen: (seconds) => `Picture frozen for ${seconds} s.`,
        cut: (seconds) => `No connection. Picture frozen for ${seconds} s.`,
        away: "No connection to Vestibule.",
        ended: (time) => `Recording ended at ${time}.`,
        unsupported: "This browser cannot show the picture: it lacks H.264.",
        locked: "Closed and locked.",
        unlocked: "Closed, not locked.",
        open: "Open.",
        unknown: "We don’t know.",
        checkedNow: "Checked just now.",
        checked: (seconds) => `Checked ${seconds} s ago.`,
        heard: (time) => `Last heard ${time}.`,
        gap: (seconds) => `${seconds} s of recording are missing here.`,
      };
  const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat(german ? "de" : "en-GB", { timeStyle: "medium" });
  const timeOf = (ms) => clock.format(new Date(ms));
  const wholeSeconds = (ms) => Math.max(0, Math.floor(ms / 1000));
  const $ = (id) => document.getElementById(id);
  document.documentElement.lang = locale;

  /// Older than this, in ms, the picture is not live any more.
  const LIVE_AGE_MAX = 2000;
  /// A door not heard for so long, in ms, is unknown.
  const DOOR_AGE_MAX = 60000;
  /// Further than this behind the newest picture, in s, the player jumps.
  const LAG_MAX = 0.5;
  /// Where it jumps to: so far behind the newest picture, in s. Playing faster instead makes Safari rebuffer.
  const LAG_AFTER_JUMP = 0.2;
  /// Seconds kept behind the player, and when the rest is let go.
  const KEPT = 10, KEPT_MAX = 30;
  /// Fragments that may wait for the player; beyond, it begins again at the next keyframe.
  const WAITING_MAX = 300;

  const indexOf = (bytes, name, end = bytes.length) => {
    const [a, b, c, d] = [...name].map((letter) => letter.charCodeAt(0));
    for (let i = 0; i + 4 <= end; i++) {
      if (bytes[i] === a && bytes[i + 1] === b && bytes[i + 2] === c && bytes[i + 3] === d) return i + 4;
    }
    return -1;
  };
  const hex = (byte) => byte.toString(16).padStart(2, "0");

  /// Feeds the video, stays at the live edge, and knows when each shown picture was captured.
  class Player {
    constructor(video, broken) {
      this.video = video;
      this.broken = broken;
      this.shown = null; // capture time of the picture in sight, ms
      this.unsupported = false;
      this.newest = null; // capture time of the newest fragment, ms
      this.gaps = []; // seen by this page
      this.generation = 0;
      this.forget();
      video.addEventListener("error", broken);
      if (video.requestVideoFrameCallback) {
        const frame = (_, { mediaTime }) => {
          this.show(mediaTime);
          video.requestVideoFrameCallback(frame);
        };
        video.requestVideoFrameCallback(frame);
      } else {
        video.addEventListener("timeupdate", () => this.show(video.currentTime));
      }
    }

    forget() {
      this.queue = [];
      this.times = [];
      this.buffer = null;
      this.streaming = true;
      this.waitsForKey = true;
    }

    init(bytes) {
      this.forget();
      const generation = ++this.generation;
      const avcc = indexOf(bytes, "avcC");
      const mdhd = indexOf(bytes, "mdhd");
      const Source = window.ManagedMediaSource ?? window.MediaSource;
      const type = `video/mp4; codecs="avc1.${[...bytes.subarray(avcc + 1, avcc + 4)].map(hex).join("")}"`;
      this.unsupported = avcc < 0 || mdhd < 0 || !Source?.isTypeSupported(type);
      if (this.unsupported) return;
      // mdhd of version 1: version and flags (4), created (8), modified (8), timescale (4).
      this.timescale = new DataView(bytes.buffer, bytes.byteOffset + mdhd + 20).getUint32(0);
      this.queue.push(bytes);
      const source = new Source();
      source.addEventListener("startstreaming", () => { this.streaming = true; this.pump(); });
      source.addEventListener("endstreaming", () => { this.streaming = false; });
      source.addEventListener("sourceopen", () => {
        if (generation !== this.generation) return;
        URL.revokeObjectURL(this.video.src);
        const buffer = source.addSourceBuffer(type);
        buffer.addEventListener("updateend", () => {
          if (generation !== this.generation) return;
          this.chase();
          this.pump();
        });
        buffer.addEventListener("error", this.broken);
        this.buffer = buffer;
        this.pump();
      }, { once: true });
      this.video.disableRemotePlayback = true;
      this.video.src = URL.createObjectURL(source);
    }

    fragment(captured, isKey, bytes) {
      if (this.newest !== null && captured - this.newest > LIVE_AGE_MAX) {
        this.gaps.push({ from_unix_ms: this.newest, to_unix_ms: captured });
        this.gaps = this.gaps.slice(-100);
      }
      this.newest = Math.max(this.newest ?? 0, captured);
      if (this.queue.length > WAITING_MAX) {
        this.queue = [];
        this.waitsForKey = true;
      }
      if (this.waitsForKey && !isKey) return;
      this.waitsForKey = false;
      const tfdt = indexOf(bytes, "tfdt", Math.min(bytes.length, 256));
      if (tfdt < 0 || this.unsupported) return;
      const view = new DataView(bytes.buffer, bytes.byteOffset + tfdt + 4);
      this.times.push({ start: Number(view.getBigUint64(0)) / this.timescale, captured });
      this.times = this.times.slice(-2 * WAITING_MAX);
      this.queue.push(bytes);
      this.pump();
    }

    pump() {
      const { buffer, queue, video } = this;
      if (!buffer || buffer.updating || !this.streaming || queue.length === 0) return;
      const { buffered } = buffer;
      try {
        if (buffered.length > 0 && video.currentTime - buffered.start(0) > KEPT_MAX) {
          buffer.remove(0, video.currentTime - KEPT);
          return;
        }
        const all = new Uint8Array(queue.reduce((sum, part) => sum + part.length, 0));
        let at = 0;
        for (const part of queue) {
          all.set(part, at);
          at += part.length;
        }
        this.queue = [];
        buffer.appendBuffer(all);
      } catch {
        this.broken();
      }
    }

    chase() {
      const { buffer, video } = this;
      const { buffered } = buffer;
      if (buffered.length === 0) return;
      const start = buffered.start(buffered.length - 1), end = buffered.end(buffered.length - 1);
      if (video.currentTime < start || end - video.currentTime > LAG_MAX) {
        video.currentTime = Math.max(start, end - LAG_AFTER_JUMP);
      }
      if (video.paused) video.play().catch(() => {});
    }

    show(mediaTime) {
      const time = this.times.findLast(({ start }) => start <= mediaTime + 0.002);
      if (time) this.shown = time.captured;
    }
  }

  let state = null;
  let socket = null;
  const player = new Player($("video"), () => socket?.close());

  const connect = () => {
    socket = new WebSocket(`ws://${location.host}/live${location.search}`);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") {
        state = JSON.parse(data);
        drawMoments();
      } else {
        const bytes = new Uint8Array(data);
        if (bytes[0] === 0) player.init(bytes.subarray(1));
        if (bytes[0] === 1) {
          const captured = Number(new DataView(data).getBigUint64(2));
          player.fragment(captured, (bytes[1] & 1) === 1, bytes.subarray(10));
        }
      }
    });
    socket.addEventListener("close", () => {
      socket = null;
      setTimeout(connect, 1000);
    });
  };

  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  const picture = (now) => {
    const age = player.shown === null ? null : Math.max(0, now - player.shown);
    if (state?.ended_unix_ms != null) return ["ended", say.ended(timeOf(state.ended_unix_ms))];
    if (player.unsupported) return ["none", say.unsupported];
    if (!isConnected()) return age === null ? ["none", say.away] : ["frozen", say.cut(wholeSeconds(age))];
    if (age === null) return ["none", say.waiting];
    if (age < LIVE_AGE_MAX) return ["live", say.live(tenths.format(age / 1000))];
    return ["frozen", say.frozen(wholeSeconds(age))];
  };

  const isConnected = () => socket?.readyState === WebSocket.OPEN;

  const heardOf = (door, checked, seconds) => {
    if (door === "unknown") return say.heard(timeOf(checked));
    return seconds < 3 ? say.checkedNow : say.checked(seconds);
  };

  const drawDoor = (now) => {
    const checked = state?.checked_unix_ms ?? null;
    const isFresh = isConnected() && checked !== null && now - checked < DOOR_AGE_MAX;
    const door = isFresh ? state.door : "unknown";
    if ($("door").dataset.door !== door || !$("sentence").textContent) {
      $("door").dataset.door = door;
      write($("sentence"), say[door]);
      document.title = `${say[door]} Vestibule`;
      $("icon").href = `data:image/svg+xml,${encodeURIComponent(icon(door))}`;
    }
    write($("checked"), checked === null ? "" : heardOf(door, checked, wholeSeconds(now - checked)));
    write($("visit"), state?.words?.[locale] ?? "");
  };

  const icon = (door) => {
    const colour = { locked: "#17594f", unlocked: "#8a5200", open: "#8a5200", unknown: "#55616a" }[door];
    const shape = {
      locked: '<path d="M5 4h17v26H5z" fill-opacity=".4"/><path d="M15 15h14v4H15z" fill="#b8863b" stroke="none"/>',
      unlocked: '<path d="M5 4h17v26H5z" fill="none"/><path d="M8 15h11v4H8z" fill="#b8863b" stroke="none"/>',
      open: '<path d="M5 4l6 2v25l-6-1z"/>',
      unknown: "",
    }[door];
    const dashes = door === "unknown" ? ' stroke-dasharray="4 3"' : "";
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" stroke="${colour}" fill="${colour}" stroke-width="2">` +
      `<path d="M3 30V2h26v28" fill="none"${dashes}/>${shape}</svg>`;
  };

  const overlap = (a, b) => a.from_unix_ms < b.to_unix_ms && b.from_unix_ms < a.to_unix_ms;

  /// What the recorder says is missing, and what this page missed beyond that.
  const allGaps = () => {
    const told = state?.gaps ?? [];
    return [...told, ...player.gaps.filter((own) => !told.some((gap) => overlap(own, gap)))];
  };

  let drawnMoments = "";
  const drawMoments = () => {
    const rows = (state?.moments ?? []).map((moment) => ({
      at: moment.at_unix_ms,
      text: moment.words[locale],
      kind: moment.is_incident ? "incident" : "",
    }));
    for (const { from_unix_ms: from, to_unix_ms: to } of allGaps()) {
      rows.push({ at: from, text: say.gap(Math.max(1, Math.round((to - from) / 1000))), kind: "incident gap" });
    }
    rows.sort((a, b) => b.at - a.at);
    const wanted = JSON.stringify(rows);
    if (wanted === drawnMoments) return;
    drawnMoments = wanted;
    $("moments").replaceChildren(...rows.map(({ at, text, kind }) => {
      const row = document.createElement("li");
      row.className = kind;
      const time = document.createElement("time");
      time.textContent = timeOf(at);
      const what = document.createElement("span");
      what.textContent = text;
      row.append(time, what);
      return row;
    }));
  };

  /// The recording as a line: full where there is a picture, a dashed frame where there is none.
  const drawStrip = (now) => {
    const began = state?.began_unix_ms ?? null;
    $("history").hidden = began === null;
    if (began === null) return;
    const until = Math.max(state.ended_unix_ms ?? now, began + 1000);
    const width = $("strip").clientWidth || 1;
    $("strip").setAttribute("viewBox", `0 0 ${width} 16`);
    const x = (ms) => Math.min(Math.max((ms - began) / (until - began), 0), 1) * width;
    const parts = [];
    const part = (from, to, kind, top, height) => {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const sizes = { x: from, y: top, width: Math.max(to - from, 2), height, rx: 1 };
      for (const [name, value] of Object.entries(sizes)) rect.setAttribute(name, value.toFixed(1));
      rect.setAttribute("class", kind);
      parts.push(rect);
    };
    const gaps = allGaps();
    const newest = player.newest ?? began;
    if (state.ended_unix_ms == null && now - newest > LIVE_AGE_MAX) gaps.push({ from_unix_ms: newest, to_unix_ms: now });
    gaps.sort((a, b) => a.from_unix_ms - b.from_unix_ms);
    let from = began;
    for (const gap of gaps) {
      if (gap.from_unix_ms > from) part(x(from), x(gap.from_unix_ms), "seen", 5, 6);
      part(x(gap.from_unix_ms) + 1, x(gap.to_unix_ms) - 1, "gap", 3, 10);
      from = Math.max(from, gap.to_unix_ms);
    }
    if (until > from) part(x(from), x(until), "seen", 5, 6);
    for (const { at_unix_ms: at } of state.moments) part(Math.min(x(at), width - 2), 0, "tick", 0, 16);
    $("strip").replaceChildren(...parts);
    write($("began"), timeOf(began));
    write($("until"), timeOf(until));
  };

  const draw = () => {
    const now = Date.now();
    const [kind, text] = picture(now);
    $("stage").dataset.picture = kind;
    write($("age"), text);
    drawDoor(now);
    drawMoments();
    drawStrip(now);
  };

  connect();
  draw();
  setInterval(draw, 100);
}
