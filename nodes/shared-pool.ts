// The one pool of this process, shared by all nodes, so that several nodes for one camera take turns.
import type { NodeAPI } from 'node-red';
import { Pool } from '../src/index.js';

let pool: Pool | undefined;

/** `tplinkTalkFfmpegPath` of settings.js counts when the pool is made. */
export function sharedPool(RED: NodeAPI): Pool {
  const path: unknown = Reflect.get(RED.settings, 'tplinkTalkFfmpegPath');
  pool ??= new Pool({ ffmpegPath: typeof path === 'string' && path !== '' ? path : undefined });
  return pool;
}
