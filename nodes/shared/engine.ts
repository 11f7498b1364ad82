// The one engine of this process, shared by all nodes, so that several nodes for one camera take turns.
import { join } from 'node:path';
import type { NodeAPI } from 'node-red';
import { createEngine, type Engine } from '../../src/index.js';

/** By their settings, which are the same for as long as a Node-RED runs. */
const engines = new Map<string, Engine>();

/**
 * `tplinkTalkFfmpegPath` of settings.js says where ffmpeg is; `tplinkTalkThread: false` keeps everything in Node-RED's own thread;
 * `tplinkTalkAllowedFolders` and `tplinkTalkAllowedUrls` say what may be read.
 */
export function sharedEngine(RED: NodeAPI): Engine {
  const path: unknown = Reflect.get(RED.settings, 'tplinkTalkFfmpegPath');
  const ffmpegPath = typeof path === 'string' && path !== '' ? path : undefined;
  const thread = Reflect.get(RED.settings, 'tplinkTalkThread') !== false;
  const allowed = {
    folders: list(RED, 'tplinkTalkAllowedFolders'),
    urls: list(RED, 'tplinkTalkAllowedUrls'),
    sounds: soundFolder(RED),
  };
  const settings = JSON.stringify([ffmpegPath, thread, allowed.folders, allowed.urls, allowed.sounds]);
  const engine = engines.get(settings) ?? createEngine({ ffmpegPath, thread, allowed, endsUnused: true });
  engines.set(settings, engine);
  return engine;
}

/** Where the user's own sounds are; undefined in a Node-RED without a user folder. */
export function soundFolder(RED: NodeAPI): string | undefined {
  const userDir: unknown = Reflect.get(RED.settings, 'userDir');
  return typeof userDir === 'string' && userDir !== '' ? join(userDir, 'tplink-talk-sounds') : undefined;
}

/** Undefined when it is not set. What is no list of texts allows nothing: the refusal names the setting. */
function list(RED: NodeAPI, setting: string): string[] | undefined {
  const value: unknown = Reflect.get(RED.settings, setting);
  if (value === undefined) return undefined;
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.filter((entry): entry is string => typeof entry === 'string' && entry !== '');
}

/** For tests, which use ports again: ends all engines, and what they remember of cameras with them. */
export async function endEngines(): Promise<void> {
  const ended = [...engines.values()].map((engine) => engine.destroy());
  engines.clear();
  await Promise.all(ended);
}
