/** A drawn hallway where the real page shows a camera's picture. */
import type { Footage } from '../src/resident/fixtures.ts';

function hallway(open: boolean): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = 1280;
  canvas.height = 720;
  const g = canvas.getContext('2d');
  if (!g) return canvas;
  const box = (fill: string, x: number, y: number, width: number, height: number): void => {
    g.fillStyle = fill;
    g.fillRect(x, y, width, height);
  };
  const shape = (fill: string, ...points: number[]): void => {
    g.fillStyle = fill;
    g.beginPath();
    for (let at = 0; at < points.length; at += 2) g.lineTo(points[at] ?? 0, points[at + 1] ?? 0);
    g.fill();
  };
  box('#d9c7a4', 0, 0, 1280, 560);
  box('#96764f', 0, 560, 1280, 160);
  box('#efe6d2', 0, 540, 1280, 20);
  box('#8a6a44', 700, 90, 360, 470);
  box(open ? '#f3dfae' : '#6d4d2c', 722, 112, 316, 448);
  if (open) {
    shape('#efd79c', 722, 560, 1038, 560, 900, 720, 470, 720);
    shape('#a87a49', 1038, 112, 1130, 60, 1130, 650, 1038, 560);
    // Two sleeves push a parcel across the line.
    shape('#2d4a66', 722, 330, 800, 380, 800, 430, 722, 400);
    shape('#2d4a66', 722, 440, 800, 440, 800, 490, 722, 500);
    box('#c8955a', 800, 370, 170, 150);
    box('#a87540', 875, 370, 18, 150);
    box('#fff', 815, 450, 44, 40);
  } else {
    box('#a87a49', 722, 112, 316, 448);
    box('#c9d4cf', 762, 150, 236, 150);
    box('#96693c', 762, 350, 236, 170);
    box('#d9a441', 745, 320, 40, 16);
  }
  box('#b8863b', 700, 560, 360, 10);
  box('#5d5a50', 720, 600, 330, 60);
  shape('#e0b53c', 210, 190, 330, 190, 370, 470, 170, 470);
  box('#6b4a2c', 150, 170, 240, 14);
  box('#2f2c28', 200, 510, 60, 70);
  box('#2f2c28', 275, 510, 60, 70);
  g.fillStyle = '#f7f4ee';
  g.beginPath();
  g.arc(520, 190, 62, 0, 7);
  g.fill();
  g.strokeStyle = '#1e2a2e';
  g.lineWidth = 7;
  g.beginPath();
  g.moveTo(520, 150);
  g.lineTo(520, 190);
  g.lineTo(550, 206);
  g.stroke();
  return canvas;
}

export const footage: Footage = {
  show(video, open) {
    const canvas = hallway(open);
    const stream = canvas.captureStream(5);
    video.srcObject = stream;
    // A canvas that nobody draws on sends no pictures.
    const timer = setInterval(() => canvas.getContext('2d')?.fillRect(0, 0, 1, 1), 200);
    return () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
    };
  },
  clipUrl: new URL('./clip.mp4', import.meta.url).href,
  clipMs: 30_000,
};
