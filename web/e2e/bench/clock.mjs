/** Reads the clock that a picture carries, of the drawn house or of `camera.py`, back from the pixels of a playing video, in the page. */

/** Installs `window.sightings`: for each picture that is shown, when it was shown and which time it shows, unix ms. */
export function watchPictures() {
  const CELLS = 48;
  const CELL = 12;
  const CHECK = 0x5a5ac33ca5a5n;
  window.sightings = [];
  window.firstPictureMs = null;
  const canvas = document.createElement('canvas');
  canvas.width = CELLS * CELL;
  canvas.height = 2 * CELL;
  const drawn = canvas.getContext('2d', { willReadFrequently: true });
  const row = (data, which) => {
    let bits = 0n;
    for (let cell = 0; cell < CELLS; cell += 1) {
      const value = data[4 * ((which * CELL + CELL / 2) * canvas.width + cell * CELL + CELL / 2)];
      bits = (bits << 1n) | (value > 128 ? 1n : 0n);
    }
    return bits;
  };
  const look = (video) => {
    const atMs = performance.timeOrigin + performance.now();
    window.firstPictureMs ??= performance.now();
    drawn.drawImage(video, 0, 0, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
    const { data } = drawn.getImageData(0, 0, canvas.width, canvas.height);
    const time = row(data, 0);
    if ((time ^ row(data, 1)) === CHECK) window.sightings.push({ atMs, clockMs: Number(time) });
    video.requestVideoFrameCallback(() => look(video));
  };
  const known = new WeakSet();
  const search = () => {
    for (const video of document.querySelectorAll('video')) {
      if (known.has(video)) continue;
      known.add(video);
      video.requestVideoFrameCallback(() => look(video));
    }
  };
  const start = () => {
    search();
    new MutationObserver(search).observe(document.documentElement, { childList: true, subtree: true });
  };
  if (document.documentElement) start();
  else document.addEventListener('readystatechange', start, { once: true });
}

/** The value below which a share of all lies. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
