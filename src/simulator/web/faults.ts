// Broken answers: the ways in which the simulated web API misbehaves on the wire.
import type { ServerResponse } from 'node:http';
import { WEB_ENDLESS_BYTES } from '../limits.js';

/**
 * `html`: a page instead of JSON. `redirect`: 307 to another path. `endless`: a body without end. `close`: the connection ends without
 * an answer. `silent`: no answer. `truncated`: JSON that stops half way. `cut`: the connection ends inside the body.
 */
export type WebFault = 'html' | 'redirect' | 'endless' | 'close' | 'silent' | 'truncated' | 'cut';

/** Where `redirect` points. Requests there are only logged. */
export const REDIRECT_PATH = '/elsewhere';

// What a router's or proxy's login page may look like to a client that expects JSON.
const HTML = '<!DOCTYPE html><html><head><title>Login</title></head><body>{"error_code":0}</body></html>';

/** Answers with the fault; `body` is what would have been right. */
export function answerBadly(fault: WebFault, response: ServerResponse, body: string): void {
  const type = 'application/json; charset=UTF-8';
  const half = body.slice(0, Math.floor(body.length / 2));
  switch (fault) {
    case 'html':
      response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': HTML.length }).end(HTML);
      break;
    case 'redirect':
      response.writeHead(307, { Location: REDIRECT_PATH, 'Content-Length': 0 }).end();
      break;
    case 'endless':
      response.writeHead(200, { 'Content-Type': type });
      response.write('{"error_code":0,"data":"');
      writeOnAndOn(response);
      break;
    case 'close':
      response.destroy();
      break;
    case 'silent':
      break;
    case 'truncated':
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': half.length }).end(half);
      break;
    case 'cut':
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length });
      response.write(half, () => response.destroy());
      break;
  }
}

function writeOnAndOn(response: ServerResponse): void {
  const block = 'x'.repeat(65_536);
  let written = 0;
  const write = (): void => {
    while (!response.destroyed && written < WEB_ENDLESS_BYTES) {
      written += block.length;
      if (!response.write(block)) return;
    }
    response.destroy();
  };
  response.on('drain', write);
  write();
}
