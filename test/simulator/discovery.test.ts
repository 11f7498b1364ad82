// The simulated camera answers those who look for cameras, and only them; the asking is typed by hand.
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { SimulatedCamera } from '../../src/simulator/index.js';
import { eventually } from '../helpers/collect.js';
import { freeUdpPort } from '../helpers/searching.js';

const probe = (id: string, types: string): string =>
  `<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><a:MessageID>uuid:${id}</a:MessageID></s:Header><s:Body><d:Probe>${types}</d:Probe></s:Body></s:Envelope>`;

describe('a simulated camera that can be found', () => {
  let camera: SimulatedCamera | undefined;
  let socket: Socket | undefined;
  const heard: string[] = [];

  afterEach(async () => {
    heard.length = 0;
    await camera?.stop();
    await new Promise<void>((resolve) => (socket === undefined ? resolve() : socket.close(() => resolve())));
    socket = undefined;
  });

  /** Asks by multicast again and again, as UDP may lose it. */
  async function ask(port: number, texts: readonly string[], answered: () => boolean): Promise<void> {
    const asking = (socket = createSocket('udp4'));
    asking.on('message', (bytes, { address }) => heard.push(`${address} ${bytes.toString()}`));
    asking.bind(0, '127.0.0.1');
    await once(asking, 'listening');
    asking.setMulticastInterface('127.0.0.1');
    await eventually(() => {
      for (const text of texts) asking.send(text, port, '239.255.255.250');
      return answered();
    }, 'an answer');
  }

  it('says what it is, from its own address, in answer to that question', async () => {
    const port = await freeUdpPort();
    camera = new SimulatedCamera({ host: '127.0.0.5', discovery: { port, name: 'a & <b>', model: 'TL-1' } });
    await camera.start();
    const others = [
      probe('printer', '<d:Types>p:PrintDeviceType</d:Types>'),
      'x',
      `<d:Bye>${'y'.repeat(9_000)}</d:Bye>`,
    ];
    await ask(
      port,
      [...others, probe('1-2', '<d:Types xmlns:n="u">n:NetworkVideoTransmitter</d:Types>')],
      () => heard.length > 0,
    );
    const [answer = ''] = heard;
    assert.match(answer, /^127\.0\.0\.5 <\?xml/);
    for (const part of [
      '<wsa:RelatesTo>uuid:1-2</wsa:RelatesTo>',
      'onvif://www.onvif.org/name/a%20%26%20%3Cb%3E onvif://www.onvif.org/hardware/TL-1',
      '<wsdd:XAddrs>http://127.0.0.5:80/onvif/device_service</wsdd:XAddrs>',
    ]) {
      assert.ok(answer.includes(part), part);
    }
    assert.ok(!heard.some((text) => text.includes('printer')));
  });

  it('beside others on one port, until it is stopped, and again when it is started again', async () => {
    const port = await freeUdpPort();
    const other = new SimulatedCamera({ discovery: { port, name: 'other' } });
    camera = new SimulatedCamera({ discovery: { port, name: 'one' } });
    await other.start();
    await camera.start();
    const both = (): boolean => ['name/one', 'name/other'].every((name) => heard.some((text) => text.includes(name)));
    await ask(port, [probe('1', '')], both);
    await other.stop();
    await other.stop();
    await camera.stop();
    await camera.start();
    heard.length = 0;
    const again = socket;
    await eventually(() => {
      again?.send(probe('2', ''), port, '239.255.255.250');
      return heard.some((text) => text.includes('uuid:2'));
    }, 'an answer after the second start');
    assert.ok(!heard.some((text) => text.includes('uuid:2') && text.includes('name/other')));
  });
});
