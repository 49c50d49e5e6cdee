/**
 * The one drawn door, as points: seen from inside, hinges on the left, opening towards you. The component, the icon in
 * the browser's tab and the marks on time lines are all drawn from here.
 */
import type { DoorShape } from '../resident/model.ts';

export const WIDTH = 120;
export const HEIGHT = 160;

/** The hole in the wall. */
export const HOLE = { left: 20, top: 16, right: 100, bottom: 154 };
/** The leaf in it; what is left of the hole on the right is the gap that the bolt crosses. */
export const LEAF = { left: 21, top: 18, right: 91, bottom: 154 };
export const BOLT = { y: 84, height: 13, out: 62, thrown: 44 };

/** How far the leaf is open, in degrees, and how far the bolt is thrown, 0 to 1. */
export interface Pose {
  angle: number;
  bolt: number;
}

export const POSES: Record<DoorShape, Pose> = {
  locked: { angle: 0, bolt: 1 },
  unlocked: { angle: 0, bolt: 0 },
  ajar: { angle: 24, bolt: 0 },
  open: { angle: 66, bolt: 0 },
  unknown: { angle: 0, bolt: 0 },
};

/** How much nearer, and so taller, the free edge looks when the leaf stands square to the wall. */
const NEARER = 0.16;

/** A point of the leaf, `across` and `down` from 0 to 1, in a leaf that is `angle` open. */
export function place(angle: number, across: number, down: number): [number, number] {
  const turn = (angle * Math.PI) / 180;
  const width = LEAF.right - LEAF.left;
  const height = LEAF.bottom - LEAF.top;
  const grow = 1 + NEARER * Math.sin(turn) * across;
  const eye = LEAF.top + height * 0.42;
  const y = LEAF.top + height * down;
  return [LEAF.left + width * across * Math.cos(turn) * grow, eye + (y - eye) * grow];
}

/** A rectangle on the leaf as the points of a polygon. */
export function panel(angle: number, left: number, top: number, right: number, bottom: number): string {
  return [
    place(angle, left, top),
    place(angle, right, top),
    place(angle, right, bottom),
    place(angle, left, bottom),
  ]
    .map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`)
    .join(' ');
}

/** The icon for the browser's tab: the same door with nothing but its shape. */
export function icon(shape: DoorShape, dark: boolean): string {
  const ink = dark ? '#ece7dd' : '#1e2a2e';
  const { angle, bolt } = POSES[shape];
  const leaf = panel(angle, 0, 0, 1, 1);
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 0 160 160">`;
  if (shape === 'unknown') {
    const line = dark ? '#9ba8ae' : '#55616a';
    return `${open}<path d="M14 154V10H106V154" fill="none" stroke="${line}" stroke-width="12" stroke-dasharray="20 14"/></svg>`;
  }
  const fill = shape === 'locked' ? '#17594f' : '#8a5200';
  const frame = `<path d="M14 158V10H106V158" fill="none" stroke="${ink}" stroke-width="12"/>`;
  const beyond = angle > 0 ? '<path d="M20 16h80v142H20z" fill="#ffe3a3"/>' : '';
  const bar = bolt > 0 ? '<path d="M62 70h62v26H62z" fill="#e0ab52" stroke="#1e2a2e" stroke-width="6"/>' : '';
  return `${open}${beyond}${frame}<polygon points="${leaf}" fill="${fill}"/>${bar}</svg>`;
}
