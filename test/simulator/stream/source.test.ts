// The microphone's packets on a clock of the test's own: when each goes, what it is numbered, what happens when time stands still.
import assert from 'node:assert/strict';
import { FakeClock } from '../../helpers/fake-clock.js';
import { StreamSource, type StreamSourceOptions, type TrackEncoder } from '../../../src/simulator/stream/source.js';

/** Payloads that tell which piece of time they are. */
const ENCODER: TrackEncoder = {
  payloadType: 8,
  frameMs: 20,
  timestampStep: 160,
  marksEach: false,
  encode: (index, fromMs) => Buffer.from(`${index} ${fromMs}`),
};

describe('simulator/stream-source', () => {
  let clock: FakeClock;
  let source: StreamSource;
  let sent: { at: number; count: number; bytes: Buffer }[];
  let reports: { at: number; bytes: Buffer }[];

  function open(options: Partial<StreamSourceOptions> = {}): void {
    clock = new FakeClock(500.125);
    sent = [];
    reports = [];
    source = new StreamSource({
      clock,
      encoder: ENCODER,
      channels: [4, 5],
      ssrc: 0x12345678,
      sequenceNumber: 7,
      timestamp: 1_000,
      senderReports: false,
      date: () => new Date('2020-01-10T08:20:21.500Z'),
      packet: (bytes, count) => void sent.push({ at: clock.now(), count, bytes }),
      report: (bytes) => void reports.push({ at: clock.now(), bytes }),
      ...options,
    });
  }
  afterEach(() => source.stop());
  const texts = (): string[] => sent.map(({ bytes }) => bytes.toString('latin1', 16));

  it('sends each packet when its last sample was heard', async () => {
    open();
    source.play();
    source.play();
    await clock.advance(60);
    assert.deepEqual(
      sent.map(({ at, count }) => [at, count]),
      [
        [520.125, 1],
        [540.125, 2],
        [560.125, 3],
      ],
    );
    assert.deepEqual(texts(), ['0 500.125', '1 520.125', '2 540.125']);
    assert.equal(sent[0]?.bytes.toString('hex', 0, 16), '24040015' + '80880007' + '000003e8' + '12345678');
    assert.equal(sent[1]?.bytes.toString('hex', 0, 16), '24040015' + '80080008' + '00000488' + '12345678');
    assert.deepEqual(source.position, { sequenceNumber: 10, timestamp: 1_480 });
  });

  it('keeps its deadlines for an hour', async () => {
    open({ encoder: { ...ENCODER, frameMs: 1_000 / 3 } });
    source.play();
    for (let n = 0; n < 36; n++) await clock.advance(100_000);
    assert.equal(sent.length, 10_800);
    assert.ok(Math.abs((sent.at(-1)?.at ?? 0) - 3_600_500.125) < 0.001);
  });

  it('catches up after a pause of the event loop, then goes on in time', async () => {
    open();
    source.play();
    await clock.advance(20);
    clock.stall(95);
    await clock.advance(5);
    assert.deepEqual(
      sent.map(({ at }) => at),
      [520.125, 615.125, 615.125, 615.125, 615.125, 620.125],
    );
    assert.deepEqual(texts(), ['0 500.125', '1 520.125', '2 540.125', '3 560.125', '4 580.125', '5 600.125']);
  });

  it('skips what is older than a second: the timestamp jumps, the number does not', async () => {
    open();
    source.play();
    await clock.advance(20);
    clock.stall(3_020);
    await clock.advance(0);
    // Due were packets 2 to 152; 100 of them and the next are not older.
    assert.equal(texts()[1], '101 2520.125');
    assert.equal(sent.length, 1 + 51);
    assert.equal(sent[1]?.bytes.toString('hex', 4, 12), '80080008' + (1_000 + 101 * 160).toString(16).padStart(8, '0'));
    assert.equal(sent.at(-1)?.at, 3_540.125);
  });

  it('pauses and goes on where it was', async () => {
    open();
    source.play();
    await clock.advance(30);
    source.stop();
    source.stop();
    assert.equal(clock.pending, 0);
    await clock.advance(500);
    assert.equal(sent.length, 1);
    source.play();
    await clock.advance(20);
    assert.deepEqual(
      sent.map(({ at, bytes }) => [at, bytes.toString('hex', 4, 12)]),
      [
        [520.125, '80880007' + '000003e8'],
        [1_050.125, '80080008' + '00000488'],
      ],
    );
  });

  it('can be stopped by the packet it sends', async () => {
    open({
      packet: (bytes, count) => {
        sent.push({ at: clock.now(), count, bytes });
        source.stop();
      },
    });
    source.play();
    clock.stall(100);
    await clock.advance(100);
    assert.equal(sent.length, 1);
    assert.equal(clock.pending, 0);
  });

  it('wraps sequence number and timestamp', async () => {
    open({ sequenceNumber: 0xffff, timestamp: 0xffffffff });
    source.play();
    await clock.advance(40);
    assert.deepEqual(
      sent.map(({ bytes }) => bytes.toString('hex', 6, 12)),
      ['ffffffffffff', '00000000009f'],
    );
  });

  it('marks every packet of a codec that wants it', async () => {
    open({ encoder: { ...ENCODER, payloadType: 97, marksEach: true } });
    source.play();
    await clock.advance(40);
    assert.deepEqual(
      sent.map(({ bytes }) => bytes[5]),
      [0xe1, 0xe1],
    );
  });

  it('reports before the first packet and every five seconds', async () => {
    open({ senderReports: true });
    source.play();
    await clock.advance(10_020);
    assert.deepEqual(
      reports.map(({ at }) => at),
      [520.125, 5_520.125, 10_520.125],
    );
    // 8 + 20 bytes of report and 20 of name; 3787633221.5 s since 1900; now is one packet after its first sample.
    assert.equal(
      reports[0]?.bytes.toString('hex'),
      '24050030' +
        ('80c80006' + '12345678' + 'e1c2b245' + '80000000' + '00000488' + '00000000' + '00000000') +
        ('81ca0004' + '12345678' + '0106' + Buffer.from('camera').toString('hex') + '0000' + '0000'),
    );
    const second = reports[1]?.bytes.toString('hex', 20, 32);
    // 250 packets later; their payloads are "n ms" as text.
    const bytes = texts()
      .slice(0, 250)
      .reduce((sum, text) => sum + text.length, 0);
    assert.equal(
      second,
      (1_160 + 250 * 160).toString(16).padStart(8, '0') + '000000fa' + bytes.toString(16).padStart(8, '0'),
    );
  });
});
