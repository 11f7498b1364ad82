// Reads what the editor would read from our .html, .js, .json and help files, without an editor.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileFunction } from 'node:vm';

const ROOT = resolve(__dirname, '..', '..');
const NODES = join(ROOT, 'nodes');
/** Where Node-RED serves the folder `resources/`; relative, because the editor may live under another root. */
export const RESOURCES_URL = 'resources/@camera-talk/node-red-tplink-talk/';

export const NODE_TYPES = ['tplink-camera', 'tplink-talk', 'tplink-control', 'tplink-listen', 'tplink-voice'] as const;
export const CONFIG_TYPES: readonly NodeType[] = ['tplink-camera', 'tplink-voice'];
export const LANGUAGES = ['en-US', 'zh-CN'] as const;
export type NodeType = (typeof NODE_TYPES)[number];
export type Language = (typeof LANGUAGES)[number];

/** The properties of each node with their defaults, as the contract has them. */
export const DEFAULTS: Record<NodeType, Record<string, unknown>> = {
  'tplink-camera': {
    ...{ name: '', host: '', port: 554, httpPort: 80, streamPort: 8800, login: 'auto', dialect: 'auto', mode: '' },
    ...{ codec: 'auto', packetBytes: 0, packetMs: 40, encrypt: false, leadInMs: '', drainMs: '', idleMs: 5000 },
    ...{ ignoreBusy: false, warmUp: false },
    ...{ streamUrl: '', listenBasic: false },
    ...{ quietFrom: '', quietTo: '', quietMode: 'off', quietGain: -12, quietPriority: 10 },
  },
  'tplink-talk': {
    ...{
      name: '',
      camera: '',
      cameras: [],
      audio: 'payload',
      audioType: 'msg',
      voice: '',
      chime: '',
      chimeType: 'none',
      gain: 0,
    },
    ...{ normalize: false, speakerVolume: '', whenBusy: 'queue', maxQueue: 20, maxSeconds: 600 },
    ...{
      streamTimeoutSeconds: 10,
      retrySeconds: 120,
      maxWaitSeconds: 180,
      repeat: 1,
      repeatPause: 0,
      retries: '',
      outputs: 1,
    },
  },
  'tplink-control': { name: '', camera: '', action: 'info' },
  'tplink-listen': {
    ...{ name: '', camera: '', stream: 'stream1', mode: 'continuous', seconds: 5, chunkMs: 100, output: 'pcm' },
  },
  'tplink-voice': {
    ...{ name: '', engine: 'auto', voice: '', language: '', command: 'espeak-ng -v {voice} --stdout', url: '' },
    ...{ method: '', body: '', headers: '', audioPath: '', host: '', port: 10200 },
  },
};

export interface Property {
  readonly value: unknown;
  readonly type?: string;
  readonly required?: boolean;
  readonly validate?: (this: object, value: unknown, opt: object) => boolean | string;
}

export interface FormDefinition {
  readonly category: string;
  readonly icon: string;
  readonly inputs?: number;
  readonly outputs?: number;
  readonly paletteLabel?: (this: object) => string;
  readonly inputLabels?: (this: object) => string;
  readonly outputLabels?: (this: object, index: number) => string;
  readonly defaults: Readonly<Record<string, Property>>;
  readonly credentials?: Readonly<Record<string, { readonly type: string }>>;
}

export function formHtml(type: NodeType): string {
  return readFileSync(join(NODES, `${type}.html`), 'utf8');
}

export function helpHtml(type: NodeType, language: Language): string {
  return readFileSync(join(NODES, 'locales', language, `${type}.html`), 'utf8');
}

/** A catalogue with its keys flattened: `tplink-talk.status.ready` -> text. */
export function catalogue(type: NodeType, language: Language): Map<string, string> {
  const texts = new Map<string, string>();
  const collect = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) collect(inner, path === '' ? key : `${path}.${key}`);
    } else {
      texts.set(path, String(value));
    }
  };
  collect(JSON.parse(readFileSync(join(NODES, 'locales', language, `${type}.json`), 'utf8')), '');
  return texts;
}

/** The scripts and style sheets that a form names, by file name. */
export function formResources(type: NodeType): string[] {
  return [...formHtml(type).matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]*)"/g)].map(([, url = '']) => {
    if (!url.startsWith(RESOURCES_URL)) throw new Error(`${type}.html: nobody serves ${url}`);
    return url.slice(RESOURCES_URL.length);
  });
}

/** The text of a file in `resources/`. */
export function resource(name: string): string {
  return readFileSync(join(ROOT, 'resources', name), 'utf8');
}

/** The form's code: the files it names and, last as in the editor, what stands in the HTML. */
function formScripts(type: NodeType): string[] {
  const inline = /<script type="text\/javascript">([^]*?)<\/script>/.exec(formHtml(type))?.[1] ?? '';
  const files = formResources(type).filter((name) => name.endsWith('.js'));
  return [...files.map(resource), inline];
}

/** Runs the form's scripts with a stand-in editor whose fields are `fields` (`#node-input-gain` -> text). */
export function formDefinition(type: NodeType, fields: Readonly<Record<string, string>> = {}): FormDefinition {
  const registered: { type: string; definition: FormDefinition }[] = [];
  const editor = {
    nodes: {
      node: (id: string) => (id === 'gone' ? null : { id }),
      registerType: (name: string, definition: FormDefinition) => registered.push({ type: name, definition }),
    },
    utils: { validateTypedProperty: (value: string) => !value.includes('[') || 'not a property' },
  };
  const query = (selector: string): object => ({ val: () => fields[selector] });
  (compileFunction(formScripts(type).join('\n'), ['RED', '$']) as (red: object, query: object) => void)(editor, query);
  const [only] = registered;
  if (registered.length !== 1 || only?.type !== type) throw new Error(`${type}.html does not register ${type} once`);
  return only.definition;
}
