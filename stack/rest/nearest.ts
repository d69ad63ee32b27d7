/** The name most like the one asked for, if any is like it: most of its pairs of letters in common. */
export function nearest(name: string, names: string[]): string | null {
  let best: string | null = null;
  let score = 0.6;
  const wanted = pairs(name);
  for (const each of names) {
    const own = pairs(each);
    const shared = [...wanted].filter((pair) => own.has(pair)).length;
    const likeness = (2 * shared) / (wanted.size + own.size);
    if (likeness > score) {
      best = each;
      score = likeness;
    }
  }
  return best;
}

function pairs(text: string): Set<string> {
  const padded = ` ${text.toLowerCase()} `;
  return new Set(Array.from({ length: padded.length - 1 }, (_, i) => padded.slice(i, i + 2)));
}
