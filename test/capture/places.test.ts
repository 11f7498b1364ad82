// Where private values stand: in arrays, in JSON within JSON, MAC addresses however they are written.
import assert from 'node:assert/strict';
import { Redactor } from '../../src/capture/redactor.js';

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

function redact(text: string): string {
  const login = { username: 'admin', password: 'Only4Tests!' };
  return new Redactor({ hosts: ['cam'], logins: [login] }, [latin1(text)]).message(latin1(text));
}

describe('private values', () => {
  it('are hidden in arrays behind a private key, and behind no other', () => {
    const lists = {
      ssid: ['Annas Netz', 'Annas "Gast"', '*'],
      nested_ssid: [['Netz von oben'], [], ['Netz von unten']],
      lat: [31.2304, 48.137],
      none: [],
      wifi_name: ['Der Name', { type: 'wpa-psk' }],
      encrypt_type: ['mode1', 'mode2'],
      name: ['basic_info', 'By Anna'],
      owner: [null, 'Anna B.'],
    };
    const body = JSON.stringify(lists);
    const text = redact(`HTTP/1.1 200 OK\r\n\r\n${body}`);
    const made = JSON.parse(text.slice(text.indexOf('{'))) as typeof lists;
    for (const word of ['Anna', 'Netz', 'Name', '31.2', '48.1', 'Gast']) assert.ok(!text.includes(word), text);
    assert.deepEqual(
      [made.none, made.encrypt_type, made.wifi_name[1], made.name[0]],
      [[], lists.encrypt_type, lists.wifi_name[1], 'basic_info'],
    );
    assert.match(text, /"owner":\[null,"[A-Z][a-z]{3} [A-Z]\."\]/);
    const inner = redact(`HTTP/1.1 200 OK\r\n\r\n{"x":${JSON.stringify(body)}}`);
    const within = JSON.parse((JSON.parse(inner.slice(inner.indexOf('{'))) as { x: string }).x) as object;
    assert.deepEqual(Object.keys(within), Object.keys(lists));
    for (const word of ['Anna', 'Netz', 'Name', '31.2', '48.1']) assert.ok(!inner.includes(word), inner);
    for (let cut = body.indexOf('Annas'); cut < body.length; cut++)
      assert.ok(!/Anna|Netz|Name/.test(redact(`HTTP/1.1 200 OK\r\n\r\n${body.slice(0, cut)}`)), String(cut));
  });

  it('are read and written with their escapes in JSON within JSON, however it ends', () => {
    const name = 'Annas "\u4e2d" \\ Tor';
    const body = JSON.stringify({ x: JSON.stringify({ ssid: name, alias: 'Anna' }).replace('\u4e2d', '\\u4e2d') });
    const text = redact(`HTTP/1.1 200 OK\r\n\r\n${body}\r\n${name}`);
    const [made = '', after = ''] = text.slice(text.indexOf('{')).split('\r\n');
    const { ssid } = JSON.parse((JSON.parse(made) as { x: string }).x) as { ssid: string };
    assert.match(ssid, /^[A-Z][a-z]{4} "x" \\ [A-Z][a-z]{2}$/);
    assert.equal(after, ssid);
    for (let cut = body.indexOf('Annas'); cut < body.length; cut++)
      for (const end of ['', '"}']) {
        const ended = redact(`HTTP/1.1 200 OK\r\n\r\n${body.slice(0, cut)}${end}`);
        assert.ok(!/Anna|Tor/.test(ended), ended);
      }
  });

  it('are MAC addresses with dots, in an address and behind a low line', () => {
    const macs = ['a42b.b000.1122', 'a4.2b.b0.00.11.22', 'CAM_A4-2B-B0-00-11-22', 'A4%3A2B%3AB0%3A00%3A11%3A22'];
    const text = redact(
      `RTSP/1.0 200 OK\r\nX: ${macs.join(', ')}, at a42b.b000.1123.\r\nV: version 1000.2000.3000\r\n\r\n`,
    );
    assert.ok(!/b000|2b.{1,3}b0/i.test(text), text);
    assert.ok(text.includes('version 1000.2000.3000'), text);
  });
});
