// The simulated camera answers those who look for cameras: ONVIF's WS-Discovery over UDP. Reads a probe only as far as it must.
import { createSocket, type Socket } from 'node:dgram';
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { logger } from '../logger.js';
import { MAX_PROBE_BYTES } from './limits.js';

export interface DiscoveryOptions {
  /** What the camera is called; default `TP-IPC`, as TP-Link ships them. */
  readonly name?: string;
  /** Default `SIMULATED`. */
  readonly model?: string;
  /** UDP port; default 3702, where everybody asks. */
  readonly port?: number;
}

export interface Discovery {
  /** Leaves the groups. Idempotent. */
  stop(): Promise<void>;
}

/** Where the camera listens for its other questions. */
interface Place {
  readonly host: string;
  readonly httpPort: number;
}

const PORT = 3_702;
const GROUPS = { udp4: '239.255.255.250', udp6: 'ff02::c' } as const;
const ASKED = /<(?:[\w.-]+:)?MessageID[^<>]*>\s*([\w:.@/-]{1,100})\s*<\//;
const TYPES = /<(?:[\w.-]+:)?Types[^<>]*>([^<>]*)<\//;
const OURS = ['NetworkVideoTransmitter', 'Device'];

const log = logger('simulator');

/** Answers on the interfaces that `host` is reached by, as far as they take multicast. Never rejects: a camera that cannot be found is still a camera. */
export async function startDiscovery(options: DiscoveryOptions, place: Place): Promise<Discovery> {
  const { port = PORT } = options;
  const endpoint = `urn:uuid:${randomUUID()}`;
  const answer = (bytes: Buffer): string | undefined => {
    const probe = bytes.length > MAX_PROBE_BYTES ? '' : bytes.toString('utf8');
    const asked = ASKED.exec(probe)?.[1];
    const types = (TYPES.exec(probe)?.[1] ?? '').trim().split(/\s+/);
    const wanted = types.every((type) => type === '' || OURS.includes(type.replace(/^.*:/, '')));
    if (asked === undefined || !wanted || !/<(?:[\w.-]+:)?Probe[\s/>]/.test(probe)) return undefined;
    return probeMatches(options, { endpoint, asked, place });
  };
  const families: readonly Family[] = isIP(place.host) === 6 ? (place.host === '::' ? FAMILIES : ['udp6']) : ['udp4'];
  // What answers must have the camera's own address, which is what whoever asked looks at.
  const voice = isWildcard(place.host) ? undefined : await bound(place.host);
  const opened = await Promise.all(families.map((family) => open(family, place.host, port, answer, voice)));
  const sockets = [...opened, voice].filter((socket) => socket !== undefined);
  let stopped: Promise<void> | undefined;
  return {
    stop() {
      const closing = (): Promise<void>[] =>
        sockets.map((socket) => new Promise((resolve) => socket.close(() => resolve())));
      stopped ??= Promise.all(closing()).then(() => undefined);
      return stopped;
    },
  };
}

type Family = keyof typeof GROUPS;
const FAMILIES: readonly Family[] = ['udp4', 'udp6'];

function isWildcard(host: string): boolean {
  return ['0.0.0.0', '::'].includes(host);
}

function bound(host: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    const refuse = (): void => {
      socket.close();
      resolve(undefined);
    };
    socket.once('error', refuse);
    socket.bind({ address: host, port: 0 }, () => {
      socket.off('error', refuse).on('error', (error) => log('discovery: %s', error.message));
      resolve(socket);
    });
  });
}

function open(
  family: Family,
  host: string,
  port: number,
  answer: (bytes: Buffer) => string | undefined,
  voice: Socket | undefined,
): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    // Several cameras on one machine hear the same question.
    const socket = createSocket({ type: family, reuseAddr: true, ipv6Only: family === 'udp6' });
    const refuse = (error: Error): void => {
      log('discovery: %s', error.message);
      socket.close();
      resolve(undefined);
    };
    socket.once('error', refuse);
    socket.on('message', (bytes: Buffer, from) => {
      const text = answer(bytes);
      if (text !== undefined) (voice ?? socket).send(text, from.port, from.address, () => undefined);
    });
    socket.bind(port, () => {
      socket.off('error', refuse).on('error', (error) => log('discovery: %s', error.message));
      const joined = memberships(family, host).filter((by) => join(socket, family, by));
      if (joined.length === 0) refuse(new Error(`no multicast on ${host}`));
      else resolve(socket);
    });
  });
}

/** The interfaces to listen on: that of the host's address, or all. */
function memberships(family: Family, host: string): string[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, infos = []]) =>
    infos.map(({ address, family: version }) => ({ name, address, version })),
  );
  const home = all.find(({ address }) => address === host.replace(/%.*$/, ''))?.name;
  const chosen = all.filter(({ name }) => isWildcard(host) || name === home);
  if (family === 'udp6') return [...new Set(chosen.filter(({ version }) => version === 'IPv6').map(({ name }) => `::%${name}`))]; // prettier-ignore
  const four = chosen.filter(({ version }) => version === 'IPv4').map(({ address }) => address);
  // Further addresses of loopback, 127.0.0.2 and so on, are no interface's.
  return four.length === 0 && (host.startsWith('127.') || host === 'localhost') ? ['127.0.0.1'] : four;
}

function join(socket: Socket, family: Family, by: string): boolean {
  try {
    socket.addMembership(GROUPS[family], by);
    return true;
  } catch (error) {
    log('discovery on %s: %s', by, String(error));
    return false;
  }
}

/** As TP-Link's ONVIF service writes it (PROTOCOL.md N1). */
function probeMatches(
  { name = 'TP-IPC', model = 'SIMULATED' }: DiscoveryOptions,
  { endpoint, asked, place }: { endpoint: string; asked: string; place: Place },
): string {
  const scope = (kind: string, value: string): string => `onvif://www.onvif.org/${kind}/${encodeURIComponent(value)}`;
  const host = isIP(place.host) === 6 ? `[${place.host}]` : place.host;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"' +
    ' xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:tdn="http://www.onvif.org/ver10/network/wsdl"' +
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><SOAP-ENV:Header>' +
    `<wsa:MessageID>uuid:${randomUUID()}</wsa:MessageID><wsa:RelatesTo>${asked}</wsa:RelatesTo>` +
    '<wsa:To SOAP-ENV:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>' +
    '<wsa:Action SOAP-ENV:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action>' +
    '</SOAP-ENV:Header><SOAP-ENV:Body><wsdd:ProbeMatches><wsdd:ProbeMatch>' +
    `<wsa:EndpointReference><wsa:Address>${endpoint}</wsa:Address></wsa:EndpointReference>` +
    '<wsdd:Types>tdn:NetworkVideoTransmitter tds:Device</wsdd:Types>' +
    `<wsdd:Scopes>${scope('name', name)} ${scope('hardware', model)} ${scope('Profile', 'Streaming')} ${scope('type', OURS[0] ?? '')}</wsdd:Scopes>` +
    `<wsdd:XAddrs>http://${host}:${place.httpPort}/onvif/device_service</wsdd:XAddrs><wsdd:MetadataVersion>1</wsdd:MetadataVersion>` +
    '</wsdd:ProbeMatch></wsdd:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>'
  );
}
