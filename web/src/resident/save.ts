/** Hands a file to its person, as a download. */

/** After so long the browser has begun to write it, ms. */
const BEGUN_MS = 60_000;

export function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), BEGUN_MS);
}
