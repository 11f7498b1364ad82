// A check of the gate: a line on the terminal, and the count of those that hold and those that do not.

let passed = 0;
let failed = 0;

/** @param otherwise printed when it does not hold */
export function check(what: string, holds: boolean, otherwise: string): void {
  if (holds) passed += 1;
  else failed += 1;
  process.stdout.write(`  ${holds ? 'ok    ' : 'FAILED'} ${what}\n${holds ? '' : `${otherwise}\n`}`);
}

/** Prints the sums; the process ends with 1 when something failed, or nothing was checked. */
export function reportChecks(): void {
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
