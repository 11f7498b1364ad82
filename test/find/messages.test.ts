// The question for cameras as bytes, and what is read of answers: real ones, odd ones, hostile ones.
import assert from 'node:assert/strict';
import { cleanText, parseProbeMatch, probeMessage } from '../../src/find/messages.js';
import { MAX_DISCOVERY_BYTES } from '../../src/limits.js';

const NAME = 'onvif://www.onvif.org/name/TP-IPC';
const TYPES = '<wsdd:Types>tdn:NetworkVideoTransmitter</wsdd:Types>';
const match = (inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body><wsdd:ProbeMatches><wsdd:ProbeMatch>${inside}</wsdd:ProbeMatch></wsdd:ProbeMatches></S:Body></S:Envelope>`;
const scoped = (scopes: string): string => match(`${TYPES}<wsdd:Scopes>${scopes}</wsdd:Scopes>`);
const read = (xml: string): ReturnType<typeof parseProbeMatch> => parseProbeMatch(Buffer.from(xml));
const NAMED = { endpoint: '', name: 'TP-IPC', model: '' };

describe('the question for cameras', () => {
  it('is a WS-Discovery probe for one type, with its own id', () => {
    const text = probeMessage('0a0b', 'NetworkVideoTransmitter').toString();
    assert.equal(
      text,
      '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:n="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>uuid:0a0b</w:MessageID><w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To><w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header><e:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>',
    );
    const other = probeMessage('1', 'Device').toString();
    assert.match(other, /xmlns:n="http:\/\/www\.onvif\.org\/ver10\/device\/wsdl".*<d:Types>n:Device</);
  });
});

describe('an answer to it', () => {
  it('gives endpoint, name and model', () => {
    const address = '<a:EndpointReference><a:Address>urn:uuid:1-2</a:Address></a:EndpointReference>';
    const scopes =
      'onvif://www.onvif.org/hardware/TL-IPC44AW onvif://www.onvif.org/name/Front%20door%20%E5%89%8D%E9%97%A8';
    const found = read(
      match(`${address}${TYPES}<d:Scopes>\n ${scopes}\r\n</d:Scopes><d:XAddrs>http://10.0.0.1/</d:XAddrs>`),
    );
    assert.deepEqual(found, { endpoint: 'urn:uuid:1-2', name: 'Front door 前门', model: 'TL-IPC44AW' });
  });

  for (const [what, xml, expected] of [
    ['the placeholder for a model is none', scoped(`${NAME} onvif://www.onvif.org/hardware/MODEL`), NAMED],
    [
      'blanks within a scope',
      scoped('onvif://www.onvif.org/name/Back  yard onvif://a.b/c'),
      { ...NAMED, name: 'Back yard' },
    ],
    ['a slash within a name', scoped('onvif://www.onvif.org/name/a/b'), { ...NAMED, name: 'a/b' }],
    ['a broken escape in a name', scoped('onvif://www.onvif.org/name/100%'), { ...NAMED, name: '100%' }],
    ['no types, but scopes of ONVIF', match(`<Scopes>${NAME}</Scopes>`), NAMED],
    ['the other type', match('<Types>tds:Device</Types>'), { ...NAMED, name: '' }],
    ['elements without content', match(`<a:X/><a:Y /><Scopes>${NAME}</Scopes>`), NAMED],
    ['comments and instructions', match(`<!-- <ProbeMatch> --><?x > ?><Scopes>${NAME}</Scopes>`), NAMED],
    ['a mark in front', `\uFEFF${scoped(NAME)}`, NAMED],
    ['what stands behind the first device', scoped(NAME).replace('</wsdd:ProbeMatches>', '<broken'), NAMED],
    ['names of the editor kind', scoped('onvif://www.onvif.org/name/%3Cscript%3E'), { ...NAMED, name: '<script>' }],
  ] as const) {
    it(`is read with ${what}`, () => assert.deepEqual(read(xml), expected));
  }

  const entity = `<!DOCTYPE a [<!ENTITY b "${'c'.repeat(100)}"><!ENTITY d SYSTEM "file:///etc/passwd">]>`;
  for (const [what, xml] of [
    ['nothing', ''],
    ['words', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['a printer', match('<Types>wsdp:Device2 wprt:PrintDeviceType</Types><Scopes>ldap:///a</Scopes>')],
    ['a fault', '<E><Body><Fault><Reason>no</Reason></Fault></Body></E>'],
    ['entities and a document type', entity + scoped(`${NAME} &b; &d;`)],
    ['a document type inside', scoped(NAME).replace('<S:Body>', `${entity}<S:Body>`)],
    ['CDATA', match(`<Scopes><![CDATA[${NAME}]]></Scopes>`)],
    ['tags that cross', match(`<Scopes>${NAME}</Types></Scopes>`)],
    ['a tag without end', `${match('').slice(0, -60)}<a `],
    ['half of it', scoped(NAME).slice(0, 250)],
    ['too deep', match('<a>'.repeat(40) + '</a>'.repeat(40))],
    ['too many elements', match('<a/>'.repeat(600))],
    ['UTF-16', Buffer.from(scoped(NAME), 'utf16le').toString('latin1')],
    ['a match that is none of ProbeMatches', scoped(NAME).replaceAll('ProbeMatches', 'Others')],
    ['too large', scoped(NAME) + ' '.repeat(MAX_DISCOVERY_BYTES)],
    ['60 KB', scoped(NAME.repeat(1_800))],
  ] as const) {
    it(`that is ${what} is none`, () => assert.equal(read(xml), undefined));
  }

  it('is read without entities', () => {
    assert.equal(read(scoped('onvif://www.onvif.org/name/&lt;a&#27;&b;'))?.name, '&lt;a&#27;&b;');
  });

  it('as large as is read leaves one short line', () => {
    const found = read(scoped(`onvif://www.onvif.org/name/${'n'.repeat(15_000)}`));
    assert.equal(found?.name, 'n'.repeat(64));
  });
});

describe('what a device calls itself', () => {
  for (const [text, shown] of [
    ['a\r\nb\tc', 'a b c'],
    ['\u001b[31mred\u001b[0m \u009b1mbold', 'red 1mbold'],
    ['\u001b]0;title\u0007x', ']0;title x'],
    ['\u202Eevil\u2066 \u200Bzero\uFEFF', 'evil zero'],
    ['\uD800half \uFFFD bad', 'half bad'],
    ['  前门 摄像头 ', '前门 摄像头'],
    ['😀'.repeat(70), '😀'.repeat(64)],
  ] as const) {
    it(`${JSON.stringify(text).slice(0, 40)} is shown as ${shown.slice(0, 20)}`, () => {
      assert.equal(cleanText(text), shown);
    });
  }
});
