// The program of the engine's thread: a pool, and the calls that come for it.
import { parentPort, workerData } from 'node:worker_threads';
import { PasswordGuard } from '../../password/guard.js';
import { monotonicClock } from '../../clock.js';
import { Pool } from '../pool.js';
import { Borrowings } from './borrowings.js';
import { loadedVersion } from './installed.js';
import { NOTHING_LENT, pack, packError, unpack } from './marshal.js';
import type { FromThread, ThreadData, ToThread } from './messages.js';
import { poolMethods } from './methods.js';

if (parentPort === null) throw new Error('This is the program of a thread');
const port = parentPort;
const { ffmpegPath, allowed, memory, version } = workerData as ThreadData;
// An update came between the look at the files and this.
if (version !== loadedVersion()) throw new Error('this package was just updated: restart Node-RED');

const post = (message: FromThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const pool = new Pool({
  ffmpegPath,
  allowed,
  guard: new PasswordGuard(monotonicClock, { memory, onChange: (changed) => post({ kind: 'guard', memory: changed }) }),
  onSession: (camera, state) => post({ kind: 'session', camera, state }),
});
const borrowings = new Borrowings(post);
const methods = poolMethods(pool);

port.on('message', (message: ToThread) => {
  if (message.kind === 'call') void answer(message);
  else if (message.kind === 'ping') post({ kind: 'alive' });
  else borrowings.receive(message);
});
post({ kind: 'alive' });

async function answer({ call, method, args }: Extract<ToThread, { kind: 'call' }>): Promise<void> {
  const borrowed = borrowings.begin();
  try {
    const asked = methods[method];
    if (asked === undefined) throw new TypeError(`No method ${method}`);
    const transfer: ArrayBuffer[] = [];
    const value = pack(await asked(...(args.map((arg) => unpack(arg, borrowed)) as never[])), NOTHING_LENT, transfer);
    post({ kind: 'result', call, value }, transfer);
  } catch (error) {
    post({ kind: 'failure', call, error: packError(error) });
  } finally {
    borrowed.end();
    // Behind the answer, which would not go out otherwise. The thread ends when nothing goes on in it any more.
    if (method === 'end') port.close();
  }
}
