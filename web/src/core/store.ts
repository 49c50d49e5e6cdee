/**
 * What this browser remembers: keys that cannot be read out of it, and what was pinned. One table in IndexedDB, which,
 * unlike `localStorage`, keeps non-extractable keys.
 */
import { Trouble } from './trouble.ts';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('vestibule', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('things');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Trouble('storage_refused', String(request.error)));
  });
}

async function run<T>(mode: IDBTransactionMode, work: (things: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction('things', mode, { durability: 'strict' });
      const request = work(transaction.objectStore('things'));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(new Trouble('storage_refused', String(transaction.error)));
    });
  } finally {
    database.close();
  }
}

/** Where a person's keys are. */
export function keysUnder(person: 'resident' | 'visitor'): string {
  return `${person}/keys`;
}

export function recall<T>(key: string): Promise<T | undefined> {
  return run('readonly', (things) => things.get(key) as IDBRequest<T | undefined>);
}

export async function remember(key: string, value: unknown): Promise<void> {
  await run('readwrite', (things) => things.put(value, key));
}

export async function forget(key: string): Promise<void> {
  await run('readwrite', (things) => things.delete(key));
}

/** Everything whose name begins so: keys among it are gone for good. */
export async function forgetUnder(prefix: string): Promise<void> {
  await run('readwrite', (things) => things.delete(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
}

/** Asks the browser not to clear the keys when the disk runs full. */
export async function keepForGood(): Promise<void> {
  // Refused or unknown: then the keys may go, and the person joins again. Nothing else depends on it.
  await navigator.storage?.persist?.().catch(() => false);
}
