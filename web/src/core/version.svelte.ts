/** The service worker from the page's side: it is registered here, and the next build taken. */
import { trusted } from './trusted.ts';

/** How often a page that stays open looks for a new build, ms. Each start of the app looks, too. */
const LOOK_MS = 3_600_000;

class Version {
  /** A new build is kept whole and waits. */
  isHere = $state(false);
  #registration: ServiceWorkerRegistration | null = null;
  #asked = false;

  /** Keeps the app on this phone. Whatever else the page does comes first. */
  keep(): void {
    // Not there outside a secure context; and while somebody works on the app, old builds would be in the way.
    if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (this.#asked) location.reload();
    });
    navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const { go } = (data ?? {}) as { go?: unknown };
      if (typeof go === 'string' && go.startsWith('#/')) location.hash = go;
    });
    const register = (): void => void this.#register();
    if (document.readyState === 'complete') register();
    else addEventListener('load', register, { once: true });
  }

  async #register(): Promise<void> {
    try {
      const registration = await navigator.serviceWorker.register(trusted('/worker.js'), { scope: '/' });
      this.#registration = registration;
      const look = (): void => {
        // Without a worker in charge, what waits is the first one, and takes over by itself.
        const isNext = registration.waiting !== null && navigator.serviceWorker.controller !== null;
        if (isNext) this.isHere = true;
      };
      look();
      registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
      const update = (): void => void registration.update().catch(() => undefined);
      setInterval(update, LOOK_MS);
      document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && update());
    } catch {
      // Refused, as in private windows: the app then needs the network to start, and nothing else changes.
    }
  }

  /** Takes the new build, and starts with it. */
  take(): void {
    const { waiting } = this.#registration ?? {};
    if (!waiting) return location.reload();
    this.#asked = true;
    waiting.postMessage('take over');
  }
}

export const version = new Version();
