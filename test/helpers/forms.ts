// Reads what the editor would read from our .html, .json and help files, without an editor.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileFunction } from 'node:vm';

const NODES = resolve(__dirname, '..', '..', 'nodes');

export const NODE_TYPES = ['tplink-camera', 'tplink-talk', 'tplink-control', 'tplink-listen'] as const;
export const LANGUAGES = ['en-US', 'zh-CN'] as const;
export type NodeType = (typeof NODE_TYPES)[number];
export type Language = (typeof LANGUAGES)[number];

/** The properties of each node with their defaults, as the contract has them. */
export const DEFAULTS: Record<NodeType, Record<string, unknown>> = {
  'tplink-camera': {
    ...{ name: '', host: '', port: 554, httpPort: 80, login: 'auto', dialect: 'auto', mode: 'half_duplex' },
    ...{ codec: 'auto', packetBytes: 0, leadInMs: 300, drainMs: 600, idleMs: 5000, warmUp: false },
  },
  'tplink-talk': {
    ...{ name: '', camera: '', audio: 'payload', audioType: 'msg', chime: '', chimeType: 'none', gain: 0 },
    ...{ normalize: false, speakerVolume: '', whenBusy: 'queue', maxQueue: 20, maxSeconds: 600, retries: 2 },
  },
  'tplink-control': { name: '', camera: '', action: 'info' },
  'tplink-listen': {
    ...{ name: '', camera: '', stream: 'stream1', mode: 'continuous', seconds: 5, chunkMs: 100, output: 'pcm' },
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

/** Runs the form's script with a stand-in editor whose fields are `fields` (`#node-input-gain` -> text). */
export function formDefinition(type: NodeType, fields: Readonly<Record<string, string>> = {}): FormDefinition {
  const script = /<script type="text\/javascript">([^]*?)<\/script>/.exec(formHtml(type))?.[1] ?? '';
  const registered: { type: string; definition: FormDefinition }[] = [];
  const editor = {
    nodes: {
      registerType: (name: string, definition: FormDefinition) => registered.push({ type: name, definition }),
    },
    utils: { validateTypedProperty: (value: string) => !value.includes('[') || 'not a property' },
  };
  const query = (selector: string): object => ({ val: () => fields[selector] });
  (compileFunction(script, ['RED', '$']) as (red: object, query: object) => void)(editor, query);
  const [only] = registered;
  if (registered.length !== 1 || only?.type !== type) throw new Error(`${type}.html does not register ${type} once`);
  return only.definition;
}
