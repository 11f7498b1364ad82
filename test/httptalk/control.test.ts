// The talk request, its answers and its end, as values.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isTalkError } from '../../src/errors.js';
import { answersStop, stopRequest, talkAnswer, talkEnd, talkRequest } from '../../src/httptalk/control.js';
import type { Part } from '../../src/multipart/part.js';

const KEY = '192.168.1.60:8800';

function part(body: string, type = 'application/json'): Part {
  return { headers: [['content-type', type]], body: Buffer.from(body) };
}

function refusal(body: string, ignoreBusy = false): { code: string; message: string } {
  try {
    talkAnswer(part(body), KEY, ignoreBusy);
  } catch (error) {
    assert.ok(isTalkError(error), String(error));
    return error;
  }
  return { code: 'none', message: '' };
}

describe('HTTP talk control', () => {
  it('asks and stops in the bytes that cameras are known to take', () => {
    const request = talkRequest('aec');
    assert.equal(String(request.body), '{"params":{"talk":{"mode":"aec"},"method":"get"},"seq":3,"type":"request"}');
    assert.deepEqual(request.headers, [['Content-Type', 'application/json']]);
    const stop = stopRequest('71');
    assert.equal(String(stop.body), '{"type":"request","seq":4,"params":{"stop":"null","method":"do"}}');
    assert.deepEqual(stop.headers, [
      ['Content-Type', 'application/json'],
      ['X-Session-Id', '71'],
    ]);
  });

  for (const [what, body, id] of [
    ['with blanks', '{"type":"response", "seq":3, "params":{"error_code":0, "session_id":"71"}}', '71'],
    ['with numbers as text', '{"type":"response","seq":"3","params":{"error_code":"0","session_id":"71"}}', '71'],
    ['with a number for the session', '{"type":"response","seq":3,"params":{"error_code":0,"session_id":71}}', '71'],
    ['without seq', '{"type":"response","params":{"error_code":0,"session_id":"9"}}', '9'],
    ['without error_code', '{"type":"response","seq":3,"params":{"session_id":"9"}}', '9'],
    ['as nothing but a result', '{"error_code":0,"session_id":"9"}', '9'],
    ['with error_code outside', '{"type":"response","seq":3,"error_code":0,"params":{"session_id":"9"}}', '9'],
  ] as const) {
    it(`is granted ${what}`, () => assert.deepEqual(talkAnswer(part(body), KEY, false), { sessionId: id }));
  }

  for (const [what, one] of [
    ['a notification', part('{"type":"notification","params":{"event_type":"heartbeat"}}')],
    ['another request’s answer', part('{"type":"response","seq":9,"params":{"error_code":0,"session_id":"1"}}')],
    ['a picture', part('{"type":"response","seq":3,"params":{"session_id":"1"}}', 'image/jpeg')],
    ['nothing', part('')],
  ] as const) {
    it(`waits on after ${what}`, () => assert.equal(talkAnswer(one, KEY, false), undefined));
  }

  for (const [number, code] of [
    [-52411, 'TALK_ERR_BUSY'],
    [-52405, 'TALK_ERR_BUSY'],
    [-52423, 'TALK_ERR_REFUSED'],
    [-1, 'TALK_ERR_REFUSED'],
  ] as const) {
    it(`is refused with ${number}, in or outside params, as text or number`, () => {
      for (const value of [String(number), `"${number}"`]) {
        assert.equal(refusal(`{"type":"response","seq":3,"params":{"error_code":${value}}}`).code, code);
        assert.equal(refusal(`{"type":"response","error_code":${value}}`).code, code);
      }
    });
  }

  it('says of too many requests that they pass', () => {
    assert.match(refusal('{"type":"response","params":{"error_code":-52405}}').message, /minute/);
  });

  it('goes on where it is busy only with a session to speak in', () => {
    const busy = '{"type":"response","seq":3,"params":{"error_code":-52411,"session_id":"5"}}';
    assert.deepEqual(talkAnswer(part(busy), KEY, true), {
      sessionId: '5',
      busy: 'error -52411, another talk is in progress',
    });
    assert.equal(refusal(busy.replace(',"session_id":"5"', ''), true).code, 'TALK_ERR_BUSY');
  });

  for (const id of ['null', '""', '"7\\r\\nX: 1"', '{}', '" "', `"${'9'.repeat(65)}"`]) {
    it(`makes no sense with the session id ${id.slice(0, 20)}`, () => {
      const body = `{"type":"response","seq":3,"params":{"error_code":0,"session_id":${id}}}`;
      assert.equal(refusal(body).code, 'TALK_ERR_PROTOCOL');
    });
  }

  it('knows the end that the camera tells, and nothing else', () => {
    const told = (event: string, more = ''): Part =>
      part(`{"type":"notification","params":{"event_type":"${event}"${more}}}`);
    assert.match(talkEnd(told('stream_finish', ',"reason":"interrupt"'), KEY)?.message ?? '', /interrupt/);
    assert.equal(talkEnd(told('connection_closed'), KEY)?.code, 'TALK_ERR_CLOSED');
    for (const other of [
      told('stream_finish', ',"reason":"finish"'),
      told('heartbeat'),
      told('stream_status'),
      part('['),
    ])
      assert.equal(talkEnd(other, KEY), undefined);
    assert.ok(
      (talkEnd(told('connection_closed', `,"close_reason":"${'x'.repeat(5_000)}"`), KEY)?.message.length ?? 0) < 200,
    );
  });

  it('knows the answer to the end', () => {
    assert.ok(answersStop(part('{"type":"response","seq":4,"params":{"error_code":0}}'), KEY));
    assert.ok(!answersStop(part('{"type":"response","seq":3,"params":{"error_code":0}}'), KEY));
    assert.ok(!answersStop(part('{{{'), KEY));
  });

  it('throws coded errors alone, whatever comes', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => JSON.stringify({ type: 'response', seq: 3, params: value })),
      fc
        .jsonValue()
        .map((value) => JSON.stringify({ type: 'response', params: { error_code: value, session_id: value } })),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        talkEnd(part(body), KEY);
        answersStop(part(body), KEY);
        try {
          talkAnswer(part(body), KEY, true);
        } catch (error) {
          assert.ok(isTalkError(error), String(error));
          assert.ok(error.message.length <= 400);
        }
      }),
    );
  });
});
