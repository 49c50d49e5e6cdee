/**
 * Mounts one still state: `?state=open&lang=ar`. Who takes pictures turns to the next with `show`: to load the page for each would
 * be most of its time.
 */
import '../src/theme.css';
import '../src/visitor/visitor.css';
import { mount, unmount } from 'svelte';
import App from '../src/visitor/App.svelte';
import { FIXTURES, still } from '../src/visitor/fixtures.ts';
import { language, TONGUES, words, type Tongue } from '../src/visitor/words/spoken.svelte.ts';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');
let shown: Record<string, unknown> | null = null;

/** What the address says, instead of what is there. */
function display(to: Element): void {
  if (shown) void unmount(shown);
  const asked = new URLSearchParams(location.search);
  const name = asked.get('state') ?? 'tour';
  const tongue = asked.get('lang') as Tongue | null;
  if (tongue && TONGUES.includes(tongue)) language.choose(tongue);
  const fixture = FIXTURES[name];
  if (fixture?.hash) location.hash = fixture.hash;
  const round = still(name);
  shown = mount(App, { target: to, props: { round } });
  // For the renderer: what to press, in the language that is on, and what was called.
  Object.assign(window, {
    pictures: {
      states: Object.entries(FIXTURES).map(([state, of]) => ({ state, themed: of.themed === true })),
      press: (fixture?.press ?? []).map((key) => words()[key]),
      typed: fixture?.typed ?? null,
      photo: fixture?.photo ?? false,
      calls: round.calls,
    },
  });
}
display(target);

Object.assign(window, {
  show(address: string): void {
    history.replaceState(null, '', address);
    display(target);
  },
});
