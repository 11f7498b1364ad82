// The error for a command line that is itself wrong; the others are the product's own.

export class UsageError extends Error {}
