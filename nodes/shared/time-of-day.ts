// A time of day for people to read. Pure.

/** `12:00:05`, so many seconds after `now`, in local time. */
export function timeIn(seconds: number, now: Date): string {
  const then = new Date(now.getTime() + seconds * 1_000);
  return [then.getHours(), then.getMinutes(), then.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
