// What a process complains about although nobody asked: warnings and rejections that nobody handles. One listener for all, whatever runs beside it.

/** The complaints since the last call; the first call begins. */
export function complaints(): string[] {
  if (!listening) {
    process.on('warning', note);
    process.on('unhandledRejection', note);
    listening = true;
  }
  return noted.splice(0);
}

/** Nobody listens any more. */
export function ignoreComplaints(): void {
  process.off('warning', note);
  process.off('unhandledRejection', note);
  listening = false;
}

let listening = false;
const noted: string[] = [];
const note = (reason: unknown): void => void noted.push(String(reason));
