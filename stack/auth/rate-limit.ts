/** A token bucket that holds one hour's worth and fills evenly. */
export function hourlyLimit(perHour: number, now: () => number = Date.now): () => boolean {
  let available = perHour;
  let filledAt = now();
  return () => {
    const time = now();
    available = Math.min(perHour, available + ((time - filledAt) / 3_600_000) * perHour);
    filledAt = time;
    if (available < 1) return false;
    available -= 1;
    return true;
  };
}
