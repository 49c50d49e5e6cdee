/** Of those who can open it: how many this household never had, and how many it had once. `before`: its lists of before. */
export function strangers(recipients: string[], now: string[], before: string[][]): { foreign: number; former: number } {
  const others = recipients.filter((kid) => !now.includes(kid));
  const former = others.filter((kid) => before.some((list) => list.includes(kid))).length;
  return { foreign: others.length - former, former };
}
