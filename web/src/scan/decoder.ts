/** The page's side of the worker that reads symbols: one frame in flight, the newest next. */
import { trusted } from '../core/trusted.ts';
import workerUrl from './decode.worker.ts?worker&url';
import type { Symbology } from './labels.ts';

export interface Read {
  text: string;
  symbology: Symbology;
  /** Such as `]C1`. */
  identifier: string;
}

/** The first message of a worker: whether its WebAssembly is there. */
export interface Ready {
  ready: boolean;
}

export class Decoder {
  readonly #worker: Worker;
  #answer: ((found: Read[]) => void) | null = null;
  /** False once it is known that nothing can be read here. */
  readonly ready: Promise<boolean>;

  constructor() {
    this.#worker = new Worker(trusted(workerUrl), { type: 'module' });
    this.ready = new Promise((resolve) => {
      this.#worker.onerror = () => {
        resolve(false);
        this.#answered([]);
      };
      this.#worker.onmessage = (event: MessageEvent<Read[] | Ready>) => {
        if ('ready' in event.data) resolve(event.data.ready);
        else this.#answered(event.data);
      };
    });
  }

  #answered(found: Read[]): void {
    const answer = this.#answer;
    this.#answer = null;
    answer?.(found);
  }

  get busy(): boolean {
    return this.#answer !== null;
  }

  read(frame: ImageBitmap): Promise<Read[]> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#worker.postMessage(frame, [frame]);
    });
  }
}

let shared: Decoder | null = null;

/** One worker per page; the first call starts it, so calling early warms it up. */
export function decoder(): Decoder {
  shared ??= new Decoder();
  return shared;
}
