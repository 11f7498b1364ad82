// A camera that lets everybody in and then sends as fast as the network takes it. In a process of its own; it shares no code with the client.
const { once } = require('node:events');
const net = require('node:net');

const PIECE_BYTES = 65_536;
/** An interleaved frame of no bytes on channel 0 (RFC 7826, 14). */
const EMPTY = Buffer.from([0x24, 0, 0, 0]);
const FLOODS = {
  empty: () => Buffer.alloc(PIECE_BYTES, EMPTY),
  responses: () => repeated(Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n')),
  // Below the length of a line that anybody would refuse.
  lookalikes: () => repeated(Buffer.concat([Buffer.from('RTSP/1.0 200 '.repeat(300)), EMPTY])),
  future: (turn) => packets(turn, 2_999),
  sound: (turn) => packets(turn, 1),
  sdp: () => Buffer.alloc(0),
};
const SDP = ['v=0', 's=-', 'm=audio 0 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', 'a=control:track1'];
let server;
let bytes = 0;

const commands = {
  async start({ kind }) {
    server?.close();
    bytes = 0;
    server = net.createServer((socket) =>
      serve(
        socket.on('error', () => socket.destroy()),
        kind,
      ),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: server.address().port };
  },
  sent() {
    const sent = { bytes };
    bytes = 0;
    return sent;
  },
  stop() {
    server?.close();
    return {};
  },
};

function serve(socket, kind) {
  let text = '';
  let asked = 0;
  socket.on('data', (chunk) => {
    // What comes once the flood runs is sound.
    if (asked < 0) return;
    text += chunk.toString('latin1');
    for (let end = endOf(text); end !== -1; end = endOf(text)) {
      asked += 1;
      const method = text.slice(0, text.indexOf(' '));
      socket.write(answer(method, text, asked, kind));
      text = text.slice(end);
      if (method === 'PLAY' || (method === 'MULTITRANS' && asked === 2)) {
        asked = -1;
        pump(socket, FLOODS[kind]);
        return;
      }
    }
  });
}

/** Where the first request ends, body included; -1 before it does. */
function endOf(text) {
  const head = text.indexOf('\r\n\r\n');
  const end = head + 4 + Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
  return head === -1 || text.length < end ? -1 : end;
}

function answer(method, text, asked, kind) {
  const cseq = /^CSeq: *(\d+)/im.exec(text)?.[1] ?? '0';
  const reply = (headers, body = '') =>
    ['RTSP/1.0 200 OK', `CSeq: ${cseq}`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join(
      '\r\n',
    );
  const session = 'Session: 12345678';
  if (method === 'MULTITRANS')
    return reply([session], asked === 1 ? '' : '{"params":{"error_code":0,"session_id":"2"}}');
  if (method === 'SETUP') return reply([session, 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1']);
  if (method !== 'DESCRIBE') return reply([session]);
  const blanks = kind === 'sdp' ? [`a=x${' '.repeat(8_000)}:y\u2028z`] : [];
  return reply(['Content-Type: application/sdp'], `${[...SDP, ...blanks].join('\r\n')}\r\n`);
}

/** A-law of 20 ms each (RFC 3551), so many numbers and so much time apart. */
function packets(turn, step) {
  const frames = [];
  for (let n = 0; n < PIECE_BYTES / 176; n++) {
    const frame = Buffer.alloc(4 + 12 + 160, 0xd5);
    const number = (turn * Math.floor(PIECE_BYTES / 176) + n) * step;
    frame.writeUInt32BE(0x24_00_00_00 + 172);
    frame.writeUInt16BE(0x80_08, 4);
    frame.writeUInt16BE(number % 65_536, 6);
    frame.writeUInt32BE((number * 160) % 2 ** 32, 8);
    frame.writeUInt32BE(1, 12);
    frames.push(frame);
  }
  return Buffer.concat(frames);
}

/** Whole ones only. */
function repeated(bytes) {
  return Buffer.alloc(PIECE_BYTES - (PIECE_BYTES % bytes.length), bytes);
}

function pump(socket, make) {
  let turn = 0;
  const more = () => {
    const piece = make(turn++);
    if (piece.length === 0) return;
    socket.write(piece, (error) => {
      if (error) return;
      bytes += piece.length;
      more();
    });
  };
  more();
}

process.on('message', ({ id, command, ...parameters }) => {
  Promise.resolve()
    .then(() => commands[command](parameters))
    .then(
      (result) => process.send({ id, result }),
      (error) => process.send({ id, error: String(error) }),
    );
});
