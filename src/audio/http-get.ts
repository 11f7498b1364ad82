// One GET over http or https, to an address that is judged before anything is sent there. Redirects and bounds are decided elsewhere.
import { lookup } from 'node:dns';
import { request as plainRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { pipeline, type Readable } from 'node:stream';
import { constants, createBrotliDecompress, createUnzip } from 'node:zlib';

export interface GetOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the connection, also when the answer is there. */
  readonly signal: AbortSignal;
  /** Asked with the IP addresses that the host has, of which those it refuses are left alone. */
  readonly mayConnect: (address: string) => boolean;
}

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  /** Unpacked. */
  readonly body: Readable;
  /** The IP address that answered. */
  readonly address: string;
}

/** `mayConnect` refused all addresses of the host. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
}

/** Resolves with the head of the answer. Rejects with RefusedAddress, or what Node.js says. */
export function httpGet(target: URL, { headers, signal, mayConnect }: GetOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !mayConnect(host)) throw new RefusedAddress();
    const request = target.protocol === 'https:' ? tlsRequest : plainRequest;
    // A connection of its own: another one's was judged by other rules.
    const options = { agent: false, headers: { ...headers }, signal, lookup: judged(mayConnect) };
    request(target, options, (response) => {
      resolve({
        status: response.statusCode ?? 0,
        reason: response.statusMessage ?? '',
        headers: response.headers,
        body: unpacked(response),
        address: response.socket.remoteAddress ?? '',
      });
    })
      .on('error', reject)
      .end();
  });
}

/** What is judged here is what is connected to: a name that is looked up twice may have moved. */
function judged(mayConnect: (address: string) => boolean): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const allowed = error === null ? found.filter(({ address }) => mayConnect(address)) : [];
      const [first] = allowed;
      if (first === undefined) callback(error ?? new RefusedAddress(), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/** Servers may pack unasked. What was cut off is unpacked as far as it goes. */
function unpacked(response: IncomingMessage): Readable {
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = constants;
  const coding = response.headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (/^(?:x-)?gzip$|^deflate$/.test(coding))
    return pipeline(response, createUnzip({ flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH }), () => undefined);
  if (coding === 'br') {
    const flush = { flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH };
    return pipeline(response, createBrotliDecompress(flush), () => undefined);
  }
  return response;
}
