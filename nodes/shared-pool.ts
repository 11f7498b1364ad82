// The one pool of this process, shared by all camera nodes, so that several nodes for one camera take turns.
import { Pool } from '../src/index.js';

let pool: Pool | undefined;

/** @param ffmpegPath `tplinkTalkFfmpegPath` of settings.js; counts when the pool is made */
export function sharedPool(ffmpegPath?: string): Pool {
  pool ??= new Pool({ ffmpegPath });
  return pool;
}
