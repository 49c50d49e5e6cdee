/** Puts the focus on what has just appeared in place of what had it: `{@attach takeFocus}`. */
export function takeFocus(element: HTMLElement): void {
  element.focus({ preventScroll: true });
}
