// The sounds in the talk node's dialog: admin routes that list, give, take and delete them. What the folder holds is folder.ts's.
import type { NodeAPI } from 'node-red';
import { CHIMES, MAX_SOUND_BYTES, MAX_SOUND_UPLOADS, builtInSound, soundType, toTalkError } from '../../src/index.js';
import { soundFolder } from '../shared/engine.js';
import { Refusal, listSounds, putSound, readSound, removeSound, tooLarge } from './folder.js';

type Route = ReturnType<NodeAPI['auth']['needsPermission']>;
type Request = Parameters<Route>[0];
type Response = Parameters<Route>[1];
type Answer = (folder: string, name: string, request: Request, response: Response) => Promise<unknown>;

const PATH = '/tplink-talk/sounds';

/** Uploads being received; each is held in memory. */
let receiving = 0;

/** Once for each start of the runtime: routes outlive a redeploy. PUT and DELETE, and a body that no form of a foreign page can send. */
export function registerSounds(RED: NodeAPI): void {
  const may = (permission: 'read' | 'write'): Route => RED.auth.needsPermission(`tplink-talk.${permission}`);
  const route = (answer: Answer): Route => {
    return (request, response) => void respond(RED, answer, request, response);
  };
  RED.httpAdmin.get(PATH, may('read'), route(list));
  RED.httpAdmin.get(`${PATH}/:name`, may('read'), route(give));
  RED.httpAdmin.put(`${PATH}/:name`, may('write'), route(take));
  RED.httpAdmin.delete(`${PATH}/:name`, may('write'), route(remove));
}

/** Never rejects. */
async function respond(RED: NodeAPI, answer: Answer, request: Request, response: Response): Promise<void> {
  response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
  try {
    const folder = soundFolder(RED);
    if (folder === undefined) throw new Refusal(501, 'noFolder');
    const name: unknown = Reflect.get(request.params, 'name');
    const answered = await answer(folder, typeof name === 'string' ? name : '', request, response);
    if (answered !== undefined) response.json(answered);
  } catch (error) {
    if (!(error instanceof Refusal)) RED.log.error(toTalkError(error, 'TALK_ERR_SOURCE', String(error)).message);
    const { status, key, values } = error instanceof Refusal ? error : new Refusal(500, 'failed');
    // Node.js throws away what is left of the body; a connection closed over it would lose the answer.
    if (!response.destroyed) response.status(status).json({ key, values });
  }
}

const list: Answer = (folder) => listSounds(folder);

const give: Answer = async (folder, name, _request, response) => {
  const chime = CHIMES.find((known) => known === name);
  const bytes = chime === undefined ? await readSound(folder, name) : builtInSound(chime);
  // It is played by the dialog; opened as a page it must be nothing but a download.
  response.set({ 'Content-Disposition': 'attachment', 'Content-Security-Policy': 'sandbox' });
  response.status(200).type(soundType(bytes)).send(bytes);
  return undefined;
};

const take: Answer = async (folder, name, request) => {
  if (request.headers['content-type'] !== 'application/octet-stream') throw new Refusal(415, 'failed');
  if (receiving >= MAX_SOUND_UPLOADS) throw new Refusal(429, 'busy');
  receiving += 1;
  try {
    return await putSound(folder, name, await body(request));
  } finally {
    receiving -= 1;
  }
};

const remove: Answer = async (folder, name) => {
  await removeSound(folder, name);
  return {};
};

async function body(request: Request): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_SOUND_BYTES) throw tooLarge();
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_SOUND_BYTES) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
