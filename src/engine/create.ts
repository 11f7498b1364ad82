// Where the cameras live: in a thread of their own, or in this one.
import type { OnWire } from '../wire.js';
import { Pool } from './pool.js';
import type { Engine } from './engine.js';
import { ThreadEngine, type ThreadEngineOptions } from './thread/engine.js';

export interface EngineOptions extends ThreadEngineOptions {
  /** Whether all cameras live in a worker thread, so that a blocked event loop of the caller cannot be heard; true. */
  readonly thread?: boolean | undefined;
  /** Whether everything is loaded at once instead of with the first clip. */
  readonly warmUp?: boolean | undefined;
  /** Is told what goes over all connections, secrets included; for engines without a thread. */
  readonly onWire?: OnWire | undefined;
}

/** The engine starts its thread with the first use, or at once with `warmUp`. Call `close` or `destroy` at the end. */
export function createEngine({ thread = true, warmUp = false, onWire, ...options }: EngineOptions = {}): Engine {
  const engine = thread
    ? new ThreadEngine(options)
    : new Pool({ ffmpegPath: options.ffmpegPath, allowed: options.allowed, onWire });
  if (warmUp) void engine.warmUp();
  return engine;
}
