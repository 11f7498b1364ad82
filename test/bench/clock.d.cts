// Types of clock.cjs.
export function now(): number;
