/** Something that was asked for: under way, done, or a trouble to show beside the button. */
import { troubleOf } from '../core/trouble.ts';
import type { Trouble } from './model.ts';

export { troubleOf };

export class Attempt {
  busy = $state(false);
  trouble: Trouble | null = $state.raw(null);

  /** Runs it, unless it runs already. Answers undefined if it went wrong. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.trouble = null;
    try {
      return await work();
    } catch (error) {
      // Whoever stopped it knows.
      const isStopped = error instanceof DOMException && error.name === 'AbortError';
      this.trouble = isStopped ? null : troubleOf(error);
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  dismiss = (): void => {
    this.trouble = null;
  };
}
