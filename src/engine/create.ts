// Where the cameras live: in a thread of their own, or in this one.
import { Pool } from './pool.js';
import type { Engine } from './engine.js';
import { ThreadEngine, type ThreadEngineOptions } from './thread/engine.js';

export interface EngineOptions extends ThreadEngineOptions {
  /** Whether all cameras live in a worker thread, where nothing that blocks the caller's event loop can be heard; true. */
  readonly thread?: boolean | undefined;
  /** Whether the first clip finds everything loaded; otherwise that is done with it. */
  readonly warmUp?: boolean | undefined;
}

/** The engine starts its thread with the first use, or at once with `warmUp`. Call `close` or `destroy` at the end. */
export function createEngine({ thread = true, warmUp = false, ...options }: EngineOptions = {}): Engine {
  const engine = thread ? new ThreadEngine(options) : new Pool({ ffmpegPath: options.ffmpegPath });
  if (warmUp) void engine.warmUp();
  return engine;
}
