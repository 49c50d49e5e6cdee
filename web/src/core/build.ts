/** Which build of the app runs here. */
import { said, stranger } from './cloud.ts';
import { troubleOf } from './trouble.ts';

/** How long the worker may take to say it, ms. */
const SAY_MS = 2_000;

/** As the worker worked it out from its files; without one, what the cloud says that it serves. Null: not known. */
export async function ownBuild(): Promise<string | null> {
  const build = (await workersBuild()) ?? (await cloudsBuild());
  return build === null ? null : inGroups(build);
}

async function workersBuild(): Promise<string | null> {
  const worker = (navigator.serviceWorker as ServiceWorkerContainer | undefined)?.controller;
  if (!worker) return null;
  const { port1, port2 } = new MessageChannel();
  const build = await new Promise<unknown>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data);
    setTimeout(() => resolve(null), SAY_MS);
    worker.postMessage('build', [port2]);
  });
  port1.close();
  return typeof build === 'string' ? build : null;
}

async function cloudsBuild(): Promise<string | null> {
  try {
    return (await said(stranger.GET('/v1/app'))).build ?? null;
  } catch (thrown) {
    if (troubleOf(thrown).code === 'offline') return null;
    throw thrown;
  }
}

/** As people compare it: eight digits in two groups. */
function inGroups(build: string): string {
  return `${build.slice(0, 4)} ${build.slice(4, 8)}`;
}
