// Noticing that a camera stopped reading: the rule on a fake clock, the kernel's table as text, and two real sockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { linuxSendQueues, parseSendQueues, procAddress, sharedReads, StallWatch } from '../../src/talk/stall-watch.js';
import { eventually, noUnhandledRejections, watch, type Watched } from '../helpers/collect.js';
import { FakeClock, settle } from '../helpers/fake-clock.js';

interface Wire {
  bytesWritten: number;
  writableLength: number;
  localPort: number;
  remotePort: number;
  remoteAddress: string;
}

const wire = (localPort = 40_001): Wire => ({
  bytesWritten: 1_000,
  writableLength: 0,
  localPort,
  remotePort: 554,
  remoteAddress: '192.168.1.60',
});
// 192.168.1.60 as the kernel of a little-endian machine prints it.
const queued = (bytes: number, localPort = 40_001): Map<string, number> =>
  new Map([[`${localPort} 3C01A8C0:554`, bytes]]);

/** From the last byte taken to the alarm, at most: a look may just have been, and the one after it only raises suspicion. */
const MOST_MS = 6_000;
const BOTH = new Set([4, 6] as const);

describe('stall watch', () => {
  noUnhandledRejections();

  let clock: FakeClock;
  let queues: Map<string, number>;
  let stalls: string[];
  let stallWatch: StallWatch;

  beforeEach(() => {
    clock = new FakeClock();
    queues = new Map();
    stalls = [];
    stallWatch = new StallWatch(clock, () => Promise.resolve(queues));
  });

  const stalled = (name = 'stalled') => {
    return () => stalls.push(`${name}@${clock.now()}`);
  };

  it('says once that nothing was acknowledged for 2 s, and not before', async () => {
    const start = clock.now();
    const socket = wire();
    stallWatch.watch(socket, stalled());
    await clock.advance(1_000);
    // From here on the camera takes nothing: what is written stays in the kernel's queue.
    for (let n = 1; n <= 200; n++) {
      socket.bytesWritten += 1_040;
      queues = queued(n * 1_040);
      await clock.advance(128);
    }
    assert.equal(stalls.length, 1);
    const after = Number(stalls[0]?.split('@')[1]) - start - 1_000;
    assert.ok(after >= 2_000 && after <= MOST_MS, `after ${after} ms`);
    assert.equal(clock.pending, 0);
  });

  it('counts what waits in user space as well', async () => {
    const socket = wire();
    stallWatch.watch(socket, stalled());
    await clock.advance(500);
    socket.bytesWritten += 5_000;
    socket.writableLength = 5_000;
    await clock.advance(MOST_MS);
    assert.equal(stalls.length, 1);
  });

  it('is content with slow progress, with an empty queue and with nothing to send', async () => {
    const slow = { ...wire(40_001), bytesWritten: 50_000 };
    const idle = wire(40_002);
    stallWatch.watch(slow, stalled('slow'));
    const unwatch = stallWatch.watch(idle, stalled('idle'));
    for (let n = 0; n < 40; n++) {
      slow.bytesWritten += 1_000;
      queues = queued(20_000 + n * 999);
      await clock.advance(500);
    }
    assert.deepEqual(stalls, []);
    unwatch();
    // The queue stays as it is while nothing more is written or taken: that is a stall.
    await clock.advance(MOST_MS);
    assert.equal(stalls.length, 1);
  });

  it('forgives a pause that ends within 2 s, again and again', async () => {
    const socket = wire();
    const unwatch = stallWatch.watch(socket, stalled());
    // 1.4 s in which nothing is taken, then everything at once: a radio that stumbles.
    let held = 0;
    for (let n = 1; n <= 300; n++) {
      socket.bytesWritten += 1_040;
      held = n % 12 === 0 ? 0 : held + 1_040;
      queues = held === 0 ? new Map() : queued(held);
      await clock.advance(128);
    }
    assert.deepEqual(stalls, []);
    unwatch();
  });

  it('tells the sockets apart', async () => {
    const good = wire(40_001);
    const bad = wire(40_002);
    stallWatch.watch(good, stalled('good'));
    stallWatch.watch(bad, stalled('bad'));
    for (let n = 1; n <= 60; n++) {
      good.bytesWritten += 1_000;
      bad.bytesWritten += 1_000;
      queues = new Map([...queued(1_000, 40_001), ...queued(n * 1_000, 40_002)]);
      await clock.advance(128);
    }
    assert.deepEqual(
      stalls.map((stall) => stall.split('@')[0]),
      ['bad'],
    );
  });

  it('sleeps when there is nothing to watch, and wakes up again', async () => {
    assert.equal(clock.pending, 0);
    const unwatch = stallWatch.watch(wire(), stalled());
    await settle();
    assert.equal(clock.pending, 1);
    unwatch();
    unwatch();
    await settle();
    assert.equal(clock.pending, 0);
    const again = stallWatch.watch(wire(40_002), stalled('again'));
    queues = queued(900, 40_002);
    await clock.advance(MOST_MS);
    assert.equal(stalls.length, 1);
    again();
    await settle();
    assert.equal(clock.pending, 0);
  });

  it('keeps one timer however fast sockets come and go', async () => {
    for (let n = 0; n < 20; n++) stallWatch.watch(wire(n), stalled())();
    const last = stallWatch.watch(wire(30), stalled());
    await settle();
    assert.equal(clock.pending, 1);
    last();
    await settle();
    assert.equal(clock.pending, 0);
  });

  it('lets a listener stop its neighbour', async () => {
    const stop: (() => void)[] = [];
    for (const [index, port] of [40_001, 40_002].entries()) {
      stop.push(
        stallWatch.watch(wire(port), () => {
          stalls.push(String(index));
          stop[1 - index]?.();
        }),
      );
    }
    queues = new Map([...queued(900, 40_001), ...queued(900, 40_002)]);
    await clock.advance(MOST_MS);
    assert.deepEqual(stalls, ['0']);
    assert.equal(clock.pending, 0);
  });

  it('knows user space alone where the system tells nothing', async () => {
    stallWatch = new StallWatch(clock, () => Promise.reject(new Error('ENOENT')));
    const socket = wire();
    const full = wire(40_002);
    full.writableLength = 900;
    const unwatch = stallWatch.watch(socket, stalled('empty'));
    stallWatch.watch(full, stalled('full'));
    await clock.advance(MOST_MS);
    assert.deepEqual(
      stalls.map((stall) => stall.split('@')[0]),
      ['full'],
    );
    unwatch();
  });
});

describe('stall watch, the last bytes of a clip', () => {
  noUnhandledRejections();

  const never = new AbortController().signal;
  let clock: FakeClock;
  let queues: Map<string, number> | undefined;
  let socket: Wire;
  let asked: Watched<boolean | undefined>;

  beforeEach(() => {
    clock = new FakeClock();
    queues = queued(0);
    socket = wire();
  });

  const ask = (bytes: number, signal = never): void => {
    const stallWatch = new StallWatch(clock, () => Promise.resolve(queues));
    asked = watch(stallWatch.hasTaken(socket, bytes, signal));
  };

  it('are taken when the queue is empty: known at once', async () => {
    ask(1_000);
    await settle();
    assert.equal(asked.value, true);
    assert.equal(clock.pending, 0);
  });

  it('are taken although silence behind them is still on its way', async () => {
    socket.bytesWritten = 3_000;
    queues = queued(2_000);
    ask(1_000);
    await settle();
    assert.equal(asked.value, true);
  });

  it('are not made up by what is written while the system is asked', async () => {
    queues = queued(1);
    const stallWatch = new StallWatch(clock, () => {
      // Silence goes out between the system's answer and ours.
      socket.bytesWritten += 1_040;
      return Promise.resolve(queues);
    });
    asked = watch(stallWatch.hasTaken(socket, 1_000, never));
    await settle();
    assert.equal(asked.state, 'pending');
    await clock.advance(2_000);
  });

  it('may take a moment', async () => {
    queues = queued(1);
    ask(1_000);
    await clock.advance(1_500);
    assert.equal(asked.state, 'pending');
    queues = queued(0);
    await clock.advance(250);
    assert.equal(asked.value, true);
  });

  it('are not taken when they still wait after 2 s', async () => {
    queues = queued(1);
    ask(1_000);
    await clock.advance(1_999);
    assert.equal(asked.state, 'pending');
    await clock.advance(1);
    assert.deepEqual([asked.state, asked.value], ['fulfilled', false]);
    assert.equal(clock.pending, 0);
  });

  it('that wait in user space are not taken, wherever we run', async () => {
    queues = undefined;
    socket.writableLength = 1;
    ask(1_000);
    await clock.advance(2_000);
    assert.equal(asked.value, false);
  });

  it('are nobody’s knowledge where the system does not tell', async () => {
    queues = undefined;
    ask(1_000);
    await settle();
    assert.deepEqual([asked.state, asked.value], ['fulfilled', undefined]);
  });

  it('are nobody’s knowledge when the connection is not in the table, looked at twice', async () => {
    queues = queued(0, 40_002);
    ask(1_000);
    await settle();
    assert.equal(asked.state, 'pending');
    await clock.advance(5);
    assert.deepEqual([asked.state, asked.value], ['fulfilled', undefined]);
    assert.equal(clock.pending, 0);
  });

  it('are looked for again when the row slipped through between two pieces of the table', async () => {
    const tables = [new Map<string, number>(), queued(1), new Map<string, number>(), queued(0)];
    const stallWatch = new StallWatch(clock, () => Promise.resolve(tables.shift()));
    asked = watch(stallWatch.hasTaken(socket, 1_000, never));
    await clock.advance(5 + 10 + 20);
    assert.deepEqual([asked.state, asked.value, tables], ['fulfilled', true, []]);
  });

  it('of a connection that was reset are not taken: its end is told between the looks', async () => {
    queues = new Map();
    const ended = new AbortController();
    ask(1_000, ended.signal);
    await settle();
    ended.abort(new Error('reset'));
    await settle();
    assert.match(String(asked.error), /reset/);
    assert.equal(clock.pending, 0);
  });

  it('are not waited for when the session ends', async () => {
    queues = queued(1);
    const ended = new AbortController();
    ask(1_000, ended.signal);
    await clock.advance(100);
    ended.abort(new Error('gone'));
    await settle();
    assert.match(String(asked.error), /gone/);
    assert.equal(clock.pending, 0);
  });
});

describe('looks at the send queues', () => {
  it('are shared by all who ask in one turn, and by nobody who asks later', async () => {
    const looks: (4 | 6)[][] = [];
    const read = sharedReads((families) => {
      looks.push([...families]);
      return Promise.resolve(new Map([['look', looks.length]]));
    });
    const together = [read(new Set([4])), Promise.resolve().then(() => read(new Set([6])))];
    const seen = (await Promise.all(together)).map((queues) => queues?.get('look'));
    assert.deepEqual([seen, looks], [[1, 1], [[4, 6]]]);
    assert.equal((await read(new Set([4])))?.get('look'), 2);
  });

  it('fail for all of them, and then no more', async () => {
    let fails = true;
    const read = sharedReads(() => (fails ? Promise.reject(new Error('EMFILE')) : Promise.resolve(undefined)));
    const outcomes = await Promise.allSettled([read(BOTH), read(BOTH)]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    fails = false;
    assert.equal(await read(BOTH), undefined);
  });
});

describe('the kernel’s table', () => {
  it('names IPv4 and IPv6 connections with the bytes in their send queue', () => {
    // proc(5): 192.168.1.60 is C0 A8 01 3C, printed as the little-endian word 3C01A8C0; 554 is 022A.
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000000000000000 100 0 0 10 0',
      '   1: 0A01A8C0:A1B2 3C01A8C0:022A 01 00000410:00000000 01:00000014 00000000  1000        0 23456 2 0000000000000000 20 4 30 10 -1',
      '   2: 0A01A8C0:A1B3 3C01A8C0:022A 01 00000000:00001000 00:00000000 00000000  1000        0 23457 1 0000000000000000 20 4 30 10 -1',
      ' 123: 0100007F:1F90 0100007F:C350 01 000FFFFF:00000000 01:00000014 00000000  1000        0 23458 2 0000000000000000 20 4 30 10 -1',
      '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 00000000000000000000000001000000:C351 00000000000000000000000001000000:022A 01 00000800:00000000 01:00000014 00000000  1000        0 34567 2 0000000000000000 20 4 30 10 -1',
      '   1: 0000000000000000FFFF00000A01A8C0:C352 0000000000000000FFFF00003C01A8C0:022A 01 00000001:00000000 01:00000014 00000000  1000        0 34568 2 0000000000000000 20 4 30 10 -1',
      '',
    ].join('\n');
    assert.deepEqual(
      parseSendQueues(table),
      new Map([
        ['22 00000000:0', 0],
        ['41394 3C01A8C0:554', 1040],
        ['41395 3C01A8C0:554', 0],
        ['8080 0100007F:50000', 1_048_575],
        ['50001 00000000000000000000000001000000:554', 2048],
        ['50002 0000000000000000FFFF00003C01A8C0:554', 1],
      ]),
    );
  });

  it('may have one port twice, of two addresses of ours: the fuller queue counts', () => {
    const row = (own: string, bytes: string): string => ` 1: ${own}:A1B2 3C01A8C0:022A 01 ${bytes}:00000000`;
    const rows = [row('0A01A8C0', '00000410'), row('0B01A8C0', '00000000')];
    for (const table of [rows, [...rows].reverse()])
      assert.deepEqual(parseSendQueues(table.join('\n')), new Map([['41394 3C01A8C0:554', 1040]]));
  });

  it('may be empty or nonsense', () => {
    for (const table of ['', '\n\n', 'no such file', '   1: zz', '   1: 0A01A8C0:A1B2 3C01A8C0:022A 01'])
      assert.deepEqual(parseSendQueues(table), new Map());
  });

  for (const [address, printed] of [
    ['127.0.0.1', '0100007F'],
    ['192.168.1.60', '3C01A8C0'],
    ['255.255.255.255', 'FFFFFFFF'],
    ['0.0.0.0', '00000000'],
    ['::1', '00000000000000000000000001000000'],
    ['::', '00000000000000000000000000000000'],
    ['::ffff:192.168.1.60', '0000000000000000FFFF00003C01A8C0'],
    ['::FFFF:c0a8:13c', '0000000000000000FFFF00003C01A8C0'],
    ['2001:db8::60', 'B80D0120000000000000000060000000'],
    ['2001:db8:1:2:3:4:5:6', 'B80D0120020001000400030006000500'],
    ['fe80::1%eth0', '000080FE000000000000000001000000'],
    ['2001:db8::', 'B80D0120000000000000000000000000'],
  ] as const) {
    it(`prints ${address} as ${printed}`, () => assert.equal(procAddress(address), printed));
  }
});

/** Two ends of one real connection; the reader reads nothing. */
async function pausedReader(host: string): Promise<{ writer: Socket; reader: Socket; close: () => Promise<void> }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, host);
  await once(server, 'listening');
  const writer = connect((server.address() as AddressInfo).port, host);
  writer.on('error', () => undefined);
  const [[reader]] = (await Promise.all([once(server, 'connection'), once(writer, 'connect')])) as [[Socket], unknown];
  reader.on('error', () => undefined);
  return {
    writer,
    reader,
    close: async () => {
      writer.destroy();
      reader.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

describe('the kernel’s table, for real', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  for (const host of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    it(`shows the queue to a reader that reads nothing grow and go, ${host}`, async function () {
      const pair = await pausedReader(host).catch(() => undefined);
      if (pair === undefined) return this.skip();
      const { writer, reader, close } = pair;
      const key = `${writer.localPort ?? 0} ${procAddress(writer.remoteAddress ?? '')}:${writer.remotePort ?? 0}`;
      try {
        writer.write(Buffer.alloc(1_000));
        await eventually(() => reader.bytesRead >= 0);
        assert.equal((await linuxSendQueues(BOTH))?.get(key), 0);
        // More than any receive buffer takes.
        writer.write(Buffer.alloc(32 * 1024 * 1024));
        let bytes = 0;
        for (let looks = 0; looks < 500 && bytes === 0; looks++) {
          await settle();
          bytes = (await linuxSendQueues(BOTH))?.get(key) ?? 0;
        }
        assert.ok(bytes > 0, 'nothing in the send queue');
        reader.resume();
        await eventually(() => writer.writableLength === 0, 'the writer to get rid of everything');
        for (let looks = 0; looks < 500 && bytes > 0; looks++) {
          await settle();
          bytes = (await linuxSendQueues(BOTH))?.get(key) ?? 0;
        }
        assert.equal(bytes, 0);
      } finally {
        await close();
      }
    });
  }

  it('does not take a connection that was just reset for one that has taken everything', async () => {
    const { writer, reader, close } = await pausedReader('127.0.0.1');
    const clock = new FakeClock();
    try {
      writer.write(Buffer.alloc(1_000));
      await eventually(() => writer.writableLength === 0);
      const { bytesWritten } = writer;
      // From here to its 'close' the writer knows nothing of it; the kernel does.
      reader.resetAndDestroy();
      assert.equal(writer.destroyed, false);
      const taken = watch(new StallWatch(clock).hasTaken(writer, bytesWritten, new AbortController().signal));
      await eventually(() => clock.pending === 1, 'a second look');
      await clock.advance(5);
      await eventually(() => taken.state !== 'pending');
      assert.deepEqual([taken.state, taken.value], ['fulfilled', undefined]);
    } finally {
      await close();
    }
  });

  it('makes the watch bark at a reader that stops, and at no other', async () => {
    const { writer, reader, close } = await pausedReader('127.0.0.1');
    const clock = new FakeClock();
    let stalls = 0;
    const unwatch = new StallWatch(clock).watch(writer, () => (stalls += 1));
    // The watch reads a file in between: real I/O, which the clock does not wait for.
    const seconds = async (count: number, over = (): boolean => false): Promise<void> => {
      for (let n = 0; n < count * 4 && !over(); n++) {
        writer.write(Buffer.alloc(1_040));
        await clock.advance(250);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    try {
      reader.resume();
      await seconds(12);
      assert.equal(stalls, 0);
      reader.pause();
      writer.write(Buffer.alloc(32 * 1024 * 1024));
      await seconds(600, () => stalls > 0);
      await seconds(12);
      assert.equal(stalls, 1);
    } finally {
      unwatch();
      await close();
    }
    await settle();
    assert.equal(clock.pending, 0);
  });
});
