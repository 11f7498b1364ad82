// WS-Discovery as bytes: the question that goes out, and what an answer says of a camera. Every answer is hostile until read. No sockets.
import { MAX_DEVICE_TEXT_CHARS, MAX_DISCOVERY_BYTES } from '../limits.js';
import { eachElement } from './elements.js';

/** What is asked for; some cameras know the first type only, some the second (PROTOCOL.md N2). */
export const PROBE_TYPES = ['NetworkVideoTransmitter', 'Device'] as const;
export type ProbeType = (typeof PROBE_TYPES)[number];

/** What an answer says of its camera: the camera's own words, cleaned. */
export interface ProbeMatch {
  /** Names the device whatever its address; may be blank. */
  readonly endpoint: string;
  /** Blank where the answer gives none. */
  readonly name: string;
  readonly model: string;
  /** Which question it says it answers; absent where it doesn't say. */
  readonly relatesTo?: string;
}

const NAMESPACES: Readonly<Record<ProbeType, string>> = {
  NetworkVideoTransmitter: 'http://www.onvif.org/ver10/network/wsdl',
  Device: 'http://www.onvif.org/ver10/device/wsdl',
};

/** Of an answer; ONVIF cameras give about ten. */
const MAX_SCOPES = 64;
/** What TP-Link's ONVIF service says where nobody filled in the model (PROTOCOL.md N1). */
const NO_MODEL = 'MODEL';

/** The question as it goes out. @param id a UUID, another one each time */
export function probeMessage(id: string, type: ProbeType): Buffer {
  return Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?>' +
      '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"' +
      ` xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:n="${NAMESPACES[type]}">` +
      `<e:Header><w:MessageID>uuid:${id}</w:MessageID>` +
      '<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>' +
      '<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>' +
      `<e:Body><d:Probe><d:Types>n:${type}</d:Types></d:Probe></e:Body></e:Envelope>`,
  );
}

/** The first device of an answer, if it is one of ONVIF's; undefined for anything else. Never throws. */
export function parseProbeMatch(bytes: Buffer): ProbeMatch | undefined {
  if (bytes.length > MAX_DISCOVERY_BYTES) return undefined;
  const found = { endpoint: '', types: '', scopes: '', relatesTo: '', whole: false };
  eachElement(bytes.toString('utf8').replace(/^\uFEFF/, ''), (path, text) => {
    const [name, parent, above] = [path.at(-1), path.at(-2), path.at(-3)];
    if (name === 'ProbeMatch' && parent === 'ProbeMatches') found.whole = true;
    else if (parent === 'ProbeMatch' && name === 'Types') found.types = text;
    else if (parent === 'ProbeMatch' && name === 'Scopes') found.scopes = text;
    else if (parent === 'Header' && name === 'RelatesTo') found.relatesTo = text;
    else if (above === 'ProbeMatch' && parent === 'EndpointReference' && name === 'Address') found.endpoint = text;
    return !found.whole;
  });
  if (!found.whole) return undefined;
  const scopes = scopesOf(found.scopes);
  const types = found.types.split(/\s+/).map((type) => type.replace(/^.*:/, ''));
  const isCamera = PROBE_TYPES.some((type) => types.includes(type)) || scopes.some((scope) => SCOPE.test(scope));
  if (!isCamera) return undefined;
  const model = scopeValue(scopes, 'hardware');
  const relatesTo = cleanText(found.relatesTo);
  return {
    endpoint: cleanText(found.endpoint),
    name: scopeValue(scopes, 'name'),
    model: model === NO_MODEL ? '' : model,
    ...(relatesTo !== '' && { relatesTo }),
  };
}

/**
 * What a device calls itself, for lists and terminals: one line of at most 64 characters, without control characters, escape sequences of terminals,
 * marks that turn the direction of text, and characters that nobody has assigned.
 */
export function cleanText(text: string): string {
  const plain = text
    .slice(0, MAX_DISCOVERY_BYTES)
    .replace(/\p{Cc}\[[0-?]*[ -/]*[@-~]/gu, '')
    .replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD\s]+/gu, ' ')
    .trim();
  return Array.from(plain).slice(0, MAX_DEVICE_TEXT_CHARS).join('').trim();
}

const SCOPE = /^onvif:\/\/[^/]*\//i;

/** Separated by blanks; some cameras leave blanks within one as well (PROTOCOL.md N3). */
function scopesOf(text: string): string[] {
  const scopes: string[] = [];
  for (const word of text.trim().split(/\s+/, MAX_SCOPES)) {
    if (word.includes('://') || scopes.length === 0) scopes.push(word);
    else scopes.push(`${scopes.pop() ?? ''} ${word}`);
  }
  return scopes;
}

function scopeValue(scopes: readonly string[], kind: 'name' | 'hardware'): string {
  const scope = scopes.find((one) => SCOPE.test(one) && one.split('/')[3]?.toLowerCase() === kind);
  return cleanText(decoded(scope?.split('/').slice(4).join('/') ?? ''));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
