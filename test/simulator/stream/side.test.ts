// The stream half of a connection without a socket: what is not read is lost, hooks come in their order, an independent player understands it all.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import type { HeaderList, RtspRequest } from '../../../src/rtsp/message.js';
import { SimulatedCamera, type Behavior } from '../../../src/simulator/index.js';
import type { BehaviorConnection } from '../../../src/simulator/behaviors/behavior.js';
import { cameraSettings } from '../../../src/simulator/settings.js';
import { StreamRecord } from '../../../src/simulator/stream/record.js';
import { StreamSide } from '../../../src/simulator/stream/side.js';
import { FakeClock } from '../../helpers/fake-clock.js';

const nothing = (): never => assert.fail('not of a stream');

class Wire {
  readonly clock = new FakeClock();
  readonly written: Buffer[] = [];
  readonly side: StreamSide;
  backlog = 0;
  record: StreamRecord | undefined;
  #cseq = 0;

  constructor(...behaviors: (Behavior | string)[]) {
    const connection: BehaviorConnection = {
      number: 1,
      dialect: 'ipc',
      loginFailures: 0,
      write: (bytes) => void this.written.push(bytes),
      writeAfter: nothing,
      pour: nothing,
      pause: nothing,
      end: nothing,
      destroy: nothing,
      reset: nothing,
    };
    const camera = {
      ...cameraSettings({ clock: this.clock, behaviors: ['stream-no-challenge', ...behaviors] }),
      streamSessionId: () => '5579378E',
      loginFailures: 0,
      requested: nothing,
      complained: nothing,
      loginFailed: nothing,
      talkOpened: nothing,
      heard: nothing,
      talkEnded: nothing,
      streamOpened: (number: number, path: string) => {
        this.record = new StreamRecord({ number: 1, connection: number, path, openedAt: this.clock.now() });
        return this.record;
      },
      streamEnded: () => undefined,
      crash: nothing,
      closed: nothing,
    };
    this.side = new StreamSide(camera, {
      connection,
      local: { address: '127.0.0.1', port: 554 },
      remoteAddress: '127.0.0.1',
      instead: () => undefined,
      challenges: (usual) => usual,
      backlog: () => this.backlog,
      idle: () => undefined,
    });
  }

  ask(method: string, path: string, ...headers: HeaderList): void {
    this.#cseq += 1;
    const request: RtspRequest = {
      kind: 'request',
      method,
      uri: `rtsp://127.0.0.1${path}`,
      headers: [['CSeq', String(this.#cseq)], ...headers],
      body: Buffer.alloc(0),
    };
    const answer = this.side.receive(request);
    assert.equal(answer.response?.status, 200);
    this.side.follow(answer);
  }

  play(): void {
    this.ask('SETUP', '/stream1/track2', ['Transport', 'RTP/AVP/TCP;interleaved=0-1']);
    this.ask('PLAY', '/stream1', ['Session', '5579378E']);
  }
}

describe('simulator/stream-side', () => {
  it('loses what the viewer does not read, and goes on when it does', async () => {
    const wire = new Wire('stream-rtcp', 'stream-wraps');
    wire.play();
    await wire.clock.advance(20);
    wire.backlog = 65_537;
    await wire.clock.advance(5_000);
    wire.backlog = 65_536;
    await wire.clock.advance(20);
    wire.side.stop();
    assert.deepEqual(
      wire.written.map((bytes) => bytes.toString('hex', 0, 2) + bytes.toString('hex', 4, 8)),
      // Sequence numbers 0xfffd and 251 later.
      ['240180c80006', '24008088fffd', '2400800800f8'],
    );
    assert.deepEqual([wire.record?.packetCount, wire.record?.end], [252, 'connection closed']);
    assert.equal(wire.clock.pending, 0);
  });

  it('asks each behavior in turn, and tells them after the packet', async () => {
    const told: string[] = [];
    const wire = new Wire(
      { name: 'doubles', transformStreamPacket: (frame) => [frame, frame] },
      {
        name: 'names',
        transformStreamPacket: (frame, count) => (told.push(`${count} of ${frame.length}`), [Buffer.from('x')]),
        onStreamPacket: (count, { number }) => void told.push(`${count} on ${number}: ${wire.written.length} written`),
      },
    );
    wire.play();
    await wire.clock.advance(20);
    wire.side.stop();
    assert.deepEqual(told, ['1 of 176', '1 of 176', '1 on 1: 2 written']);
    assert.deepEqual(wire.written, [Buffer.from('x'), Buffer.from('x')]);
  });

  it('starts the microphone anew with each session', async () => {
    const wire = new Wire();
    wire.play();
    await wire.clock.advance(20);
    wire.ask('TEARDOWN', '/stream1', ['Session', '5579378E']);
    assert.deepEqual([wire.record?.end, wire.side.hasSession, wire.clock.pending], ['teardown', false, 0]);
    wire.play();
    await wire.clock.advance(20);
    wire.side.stop();
    wire.side.stop();
    const [first, second] = wire.written;
    assert.deepEqual(first?.subarray(4, 12), second?.subarray(4, 12));
    assert.notDeepEqual(first?.subarray(12, 16), second?.subarray(12, 16));
  });

  for (const [behaviors, hz] of [
    [['stream-h265', 'stream-rtcp'], 8_000],
    [['stream-aac', 'stream-old-sdp', 'stream-odd-channels'], 16_000],
    [['stream-pcmu', 'stream-absolute-control', 'stream-wraps'], 8_000],
  ] as const) {
    it(`is understood by ffmpeg: ${behaviors.join(', ')}`, async () => {
      const source = Int16Array.from({ length: 8 }, (_, i) => 8_000 * Math.sin((Math.PI * i) / 4));
      const camera = new SimulatedCamera({ password: 'Abc12345', behaviors, microphone: { source } });
      const { port } = await camera.start();
      const input = `rtsp://admin:Abc12345@127.0.0.1:${port}/stream1`;
      const read = ['-rtsp_transport', 'tcp', '-allowed_media_types', 'audio', '-probesize', '32', '-i', input];
      const player = spawn(ffmpegPath, ['-v', 'error', ...read, '-t', '0.3', '-f', 's16le', '-'], { timeout: 15_000 });
      const heard: Buffer[] = [];
      let complaints = '';
      player.stdout.on('data', (chunk: Buffer) => heard.push(chunk));
      player.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
      try {
        await new Promise((resolve) => player.on('close', resolve));
        assert.equal(complaints, '');
        const bytes = Buffer.concat(heard);
        assert.equal(bytes.length, 0.3 * hz * 2);
        const loudest = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2).reduce((a, b) =>
          Math.max(a, b),
        );
        assert.ok(loudest > 7_000 && loudest < 11_000, String(loudest));
        assert.deepEqual([camera.violations, camera.warnings], [[], []]);
        assert.deepEqual(camera.streams[0]?.tracks, ['track2']);
      } finally {
        player.kill();
        await camera.stop();
      }
    });
  }
});
