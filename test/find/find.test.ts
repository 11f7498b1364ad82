// Finding cameras for real: multicast on loopback, a flood of answers, named hosts, the looks at them, and the end of a search.
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { findCameras } from '../../src/find/find.js';
import { MAX_FOUND_CAMERAS } from '../../src/limits.js';
import { SimulatedCamera, simulatorWeb, type SimulatedCameraOptions } from '../../src/simulator/index.js';
import { FakeClock } from '../helpers/fake-clock.js';
import { eventually, noUnhandledRejections, rejection, watch } from '../helpers/collect.js';
import { freeUdpPort, lookAt, searchUntil, searchWithin } from '../helpers/searching.js';

const TAPO_401 =
  'HTTP/1.0 401 Unauthorized\r\nServer: Streamd\r\nContent-Length: 0\r\nWWW-Authenticate: Digest realm="TP-Link IP-Camera",algorithm="MD5",encrypt_type="3",qop="auth",nonce="96fa3da3bceda6441e098764e178ed07",opaque="64943214654649846565646421"\r\nConnection: close\r\n\r\n';

describe('finding cameras', function () {
  this.timeout(120_000);
  noUnhandledRejections();
  const opened: (() => Promise<unknown>)[] = [];
  let discovery = 0;

  beforeEach(async () => {
    discovery = await freeUdpPort();
  });

  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });

  async function camera(
    options: SimulatedCameraOptions = {},
  ): Promise<{ camera: SimulatedCamera; port: number; httpPort: number }> {
    const web = simulatorWeb();
    const simulated = new SimulatedCamera({ httpPort: 0, web, discovery: { port: discovery }, ...options });
    opened.push(() => simulated.stop());
    const { port, httpPort = 0 } = await simulated.start();
    return { camera: simulated, port, httpPort };
  }

  /** A TCP server that says `answer` to whatever comes, or nothing. */
  async function server(
    answer: string | undefined,
  ): Promise<{ port: number; heard: string[]; ended: Promise<unknown> }> {
    const heard: string[] = [];
    const sockets: Promise<unknown>[] = [];
    const listening: Server = createServer((socket) => {
      sockets.push(once(socket, 'close'));
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        heard.push(bytes.toString('latin1'));
        if (answer !== undefined) socket.write(answer);
      });
    });
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const ended = once(listening, 'connection').then(() => Promise.all(sockets));
    ended.catch(() => undefined);
    opened.push(() => new Promise((resolve) => listening.close(resolve)));
    return { port: (listening.address() as AddressInfo).port, heard, ended };
  }

  async function closedPort(): Promise<number> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }

  /** Answers every probe by what `answers` gives, from the address. */
  async function responder(address: string, answers: (probe: string) => readonly (string | Buffer)[]): Promise<void> {
    const [ear, mouth] = [createSocket({ type: 'udp4', reuseAddr: true }), createSocket('udp4')];
    const close = (socket: Socket): Promise<void> => new Promise((resolve) => socket.close(resolve));
    opened.push(() => Promise.all([close(ear), close(mouth)]));
    mouth.bind(0, address);
    await once(mouth, 'listening');
    ear.on('message', (probe, from) => {
      for (const answer of answers(probe.toString())) mouth.send(answer, from.port, from.address, () => undefined);
    });
    ear.bind(discovery);
    await once(ear, 'listening');
    ear.addMembership('239.255.255.250', '127.0.0.1');
  }

  const matching = (name: string): string =>
    `<E><B><ProbeMatches><ProbeMatch><Types>dn:NetworkVideoTransmitter</Types><Scopes>onvif://www.onvif.org/name/${name}</Scopes><XAddrs>http://127.0.0.77/onvif</XAddrs></ProbeMatch></ProbeMatches></B></E>`;

  it('finds a simulated camera by multicast, and tells what it is, without a password', async () => {
    const {
      camera: simulated,
      port,
      httpPort,
    } = await camera({
      discovery: { port: discovery, name: '前门 \u001b[31mred\r\ndoor', model: 'TL-IPC44AW' },
    });
    const stream = await closedPort();
    const found = await searchUntil(
      { ports: { rtsp: port, http: httpPort, stream, discovery } },
      (all) => all.length > 0,
    );
    const ports = { rtsp: port, http: httpPort };
    const expected = {
      name: '前门 red door',
      model: 'TL-IPC44AW',
      address: '127.0.0.1',
      talk: 'can',
      dialect: 'ipc',
      ports,
    };
    assert.deepEqual(found[0], expected);
    assert.deepEqual(simulated.requests.map(({ method }) => method), ['OPTIONS', 'MULTITRANS']); // prettier-ignore
    assert.deepEqual([simulated.loginFailures, simulated.sessions.length, simulated.violations], [0, 0, []]);
  });

  it('asks on the interfaces that are named', async () => {
    const { port } = await camera();
    const ports = { rtsp: port, http: await closedPort(), discovery };
    const found = await searchUntil({ interfaces: ['127.0.0.1'], ports }, (all) => all.length > 0);
    assert.equal(found[0]?.name, 'TP-IPC');
  });

  it('tells the dialect of a VIGI', async () => {
    const { port, httpPort } = await camera({ behaviors: ['vigi'] });
    const [found] = await lookAt(['127.0.0.1'], { rtsp: port, http: httpPort, discovery });
    assert.deepEqual([found?.talk, found?.dialect], ['can', 'vigi']);
  });

  it('stands 200 answers at once, garbage and 60 KB, and looks only at where they came from', async () => {
    const { port, httpPort } = await camera();
    const junk = [
      Buffer.alloc(60_000, '<a>'),
      Buffer.from([0xff, 0xfe, 0, 1]),
      Buffer.alloc(0),
      '<!DOCTYPE a>',
      matching('x').slice(0, 90),
    ];
    for (let n = 1; n <= 200; n++) {
      await responder(`127.0.1.${n}`, () => (n === 100 ? [...junk, matching(`n${n}`)] : [matching(`n${n}`)]));
    }
    const found = await searchUntil({ ports: { rtsp: port, http: httpPort, discovery } }, (all) => all.length === 201);
    assert.equal(new Set(found.map(({ address }) => address)).size, 201);
    assert.equal(found.find(({ address }) => address === '127.0.0.1')?.talk, 'can');
    assert.equal(found.find(({ address }) => address === '127.0.1.7')?.name, 'n7');
    assert.ok(!found.some(({ address }) => address === '127.0.0.77'));
  });

  it('lists a host that is named whether it answers or not, as it was named', async () => {
    const { port, httpPort } = await camera({ discovery: false });
    const ports = { rtsp: port, http: httpPort, stream: await closedPort(), discovery };
    const found = await lookAt(['127.0.0.9', 'no-such-camera.invalid', 'localhost', 'localhost'], ports);
    assert.deepEqual(
      found.map(({ address, talk, ports: open, unasked }) => [address, talk, Object.keys(open), unasked]),
      [
        ['localhost', 'can', ['rtsp', 'http'], undefined],
        ['127.0.0.9', 'unknown', [], undefined],
        ['no-such-camera.invalid', 'unknown', [], 'name'],
      ],
    );
  });

  it('looks at a pasted address where its ports are, and sends its account nowhere', async () => {
    const { camera: simulated, port, httpPort } = await camera({ discovery: false });
    const closed = await closedPort();
    const { port: stream, heard } = await server(TAPO_401);
    const hosts = [
      `rtsp://someone:S3cret@127.0.0.1:${port}/stream1`,
      `http://someone:S3cret@127.0.0.1:${httpPort}/`,
      `127.0.0.1:${port}`,
      'rtsp://someone:${NOT_SET}@127.0.0.1/',
    ];
    const found = await lookAt(hosts, { rtsp: closed, http: closed, stream, discovery });
    assert.deepEqual(
      found.map(({ address, ports }) => [address, ports]),
      [
        ['127.0.0.1', { rtsp: port, stream }],
        ['127.0.0.1', { http: httpPort, stream }],
        ['127.0.0.1', { stream }],
      ],
    );
    assert.deepEqual([simulated.loginFailures, simulated.violations], [0, []]);
    const sent = simulated.requests.map((request) => JSON.stringify(request)).join('') + heard.join('');
    assert.doesNotMatch(sent, /authorization|someone|S3cret/i);
  });

  it('finds a simulated camera by the questions of its first 2 s', async () => {
    const { port, httpPort } = await camera();
    const ports = { rtsp: port, http: httpPort, discovery };
    const found = await searchWithin(2_000, { ports }, (all) => all.length > 0);
    assert.deepEqual(
      found.map(({ address, talk }) => [address, talk]),
      [['127.0.0.1', 'can']],
    );
  });

  for (const family of ['tapo', 'vigi-stream'] as const) {
    it(`tells a camera of family ${family} by its talk port, without a password`, async () => {
      const { camera: simulated, port } = await camera({ family, discovery: false });
      const { streamPort: stream = 0 } = simulated;
      const closed = await closedPort();
      for (const rtsp of [port, closed]) {
        const [found] = await lookAt(['127.0.0.1'], { rtsp, http: closed, stream, discovery });
        const ports = rtsp === port ? { rtsp, stream } : { stream };
        assert.deepEqual([found?.talk, found?.dialect, found?.ports], ['can', family, ports]);
      }
      assert.ok(simulated.requests.some(({ method, uri }) => method === 'POST' && uri === '/stream'));
      assert.doesNotMatch(JSON.stringify(simulated.requests), /authorization/i);
      assert.deepEqual([simulated.loginFailures, simulated.sessions.length, simulated.violations], [0, 0, []]);
    });
  }

  it('tells a Tapo that asks for a log-in whatever its RTSP port is asked', async () => {
    const challenge = 'WWW-Authenticate: Digest realm="TP-Link IP-Camera", nonce="1a2b"';
    const { port: rtsp } = await server(`RTSP/1.0 401 Unauthorized\r\n${challenge}\r\n\r\n`);
    const { port: stream } = await server(TAPO_401);
    const { httpPort } = await camera({ discovery: false });
    const [found] = await lookAt(['127.0.0.1'], { rtsp, http: httpPort, stream, discovery });
    assert.deepEqual([found?.talk, found?.dialect], ['can', 'tapo']);
  });

  it('takes what else answers at the talk port for what it is', async () => {
    const closed = await closedPort();
    for (const [answer, dialect, open] of [
      [TAPO_401.replace('TP-Link IP-Camera', 'Embedded'), '', true],
      ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', '', true],
      ['HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n', '', true],
      ['HTTP/1.0 200 OK\r\nKey-Exchange: cipher="AES_128_CBC" username="none"\r\n\r\n', 'tapo', true],
      ['garbage\r\n\r\n', '', false],
    ] as const) {
      const { port: stream } = await server(answer);
      const [found] = await lookAt(['127.0.0.1'], { rtsp: closed, http: closed, stream, discovery });
      assert.deepEqual([found?.dialect, found?.ports], [dialect, open ? { stream } : {}], answer);
    }
  });

  it('tells a camera of another maker that asks for a log-in whatever it is asked from one of ours by the web interface', async () => {
    const challenge = 'WWW-Authenticate: Digest realm="Embedded", nonce="1a2b"';
    const { port: rtsp, heard } = await server(`RTSP/1.0 401 Unauthorized\r\n${challenge}\r\n\r\n`);
    const { httpPort } = await camera({ discovery: false });
    const other = await server('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    const stream = await closedPort();
    const [theirs] = await lookAt(['127.0.0.1'], { rtsp, http: other.port, stream, discovery });
    assert.deepEqual([theirs?.talk, theirs?.ports], ['unknown', { rtsp, http: other.port }]);
    const [ours] = await lookAt(['127.0.0.1'], { rtsp, http: httpPort, stream, discovery });
    assert.deepEqual([ours?.talk, ours?.dialect], ['can', 'ipc']);
    assert.doesNotMatch(heard.join('') + other.heard.join(''), /authorization/i);
  });

  it('ends in time whatever hangs, and leaves no connection', async () => {
    const silent = await server(undefined);
    const clock = new FakeClock();
    const ports = { rtsp: silent.port, http: silent.port, stream: silent.port, discovery };
    const search = watch(findCameras({ seconds: 5, hosts: ['127.0.0.1'], ports, clock, interfaces: ['127.0.0.1'] }));
    await eventually(() => silent.heard.length === 3, 'the three questions');
    while (search.state === 'pending') {
      await clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const open = { rtsp: silent.port };
    assert.deepEqual(search.value, [
      { name: '', model: '', address: '127.0.0.1', talk: 'unknown', dialect: '', ports: open },
    ]);
    await silent.ended;
    assert.equal(clock.pending, 0);
  });

  it('ends at once by signal', async () => {
    const silent = await server(undefined);
    const abort = new AbortController();
    const ports = { rtsp: silent.port, http: silent.port, stream: silent.port, discovery };
    const search = findCameras({ seconds: 60, hosts: ['127.0.0.1'], ports, signal: abort.signal });
    const ended = rejection(search);
    abort.abort();
    assert.equal((await ended).code, 'TALK_ERR_ABORTED');
    assert.equal((await rejection(findCameras({ signal: abort.signal }))).code, 'TALK_ERR_ABORTED');
  });

  it('goes on when a listener throws', async () => {
    const { port, httpPort } = await camera();
    const ports = { rtsp: port, http: httpPort, discovery };
    const found = await findCameras({ seconds: 0, hosts: ['127.0.0.1'], ports, onFound: () => assert.fail('no') });
    assert.equal(found.length, 1);
  });

  for (const [what, options] of [
    ['seconds', { seconds: 61 }],
    ['seconds', { seconds: Number.NaN }],
    ['ports.rtsp', { ports: { rtsp: 0 } }],
    ['host', { hosts: ['a b'] }],
    ['hosts', { hosts: Array.from({ length: MAX_FOUND_CAMERAS + 1 }, (_, n) => `c${n}`) }],
    ['interface', { interfaces: ['nope0'] }],
  ] as const) {
    it(`refuses what cannot be: ${JSON.stringify(options).slice(0, 40)}`, async () => {
      const { code, message } = await rejection(findCameras(options));
      assert.equal(code, 'TALK_ERR_ARGUMENT');
      assert.ok(message.includes(what) && message.length < 200, message);
    });
  }
});
