// What the forms in `resources/` use of Node-RED's editor and of jQuery. Read by the type check alone; not shipped.

/** `true`, or what is wrong. */
type Verdict = true | string;
type Validator = (this: FormNode, value: unknown, opt: object) => Verdict;

interface FormProperty {
  readonly value: unknown;
  readonly type?: string;
  readonly required?: boolean;
  readonly validate?: Validator;
}

/** What a form registers with `RED.nodes.registerType`. */
interface FormDefinition {
  readonly category: string;
  readonly color: string;
  readonly icon: string;
  readonly defaults: Readonly<Record<string, FormProperty>>;
  readonly credentials?: Readonly<Record<string, { readonly type: 'text' | 'password' }>>;
  readonly inputs?: number;
  readonly outputs?: number;
  readonly hasUsers?: boolean;
  readonly inputLabels?: (this: FormNode) => string;
  readonly outputLabels?: (this: FormNode, index: number) => string;
  readonly paletteLabel?: (this: FormNode) => string;
  readonly label?: (this: FormNode) => string;
  readonly labelStyle?: (this: FormNode) => string;
  readonly oneditprepare?: (this: FormNode) => void;
  readonly oneditsave?: (this: FormNode) => void;
  readonly oneditcancel?: (this: FormNode) => void;
  readonly oneditdelete?: (this: FormNode) => void;
}

/** A node as the editor holds it; the properties that the forms read by name, any other by its name as text. */
interface FormNode {
  readonly id: string;
  readonly _def: FormDefinition;
  readonly type: string;
  /** The tab or subflow it belongs to. */
  readonly z?: string;
  readonly valid?: boolean;
  /** Of a config node: the nodes that name it. */
  readonly users?: FormNode[];
  /** Looks a text up in the node's catalogue. */
  readonly _: (key: string, values?: object) => string;
  readonly name?: string;
  readonly host?: string;
  readonly camera?: string;
  cameras?: unknown;
  readonly action?: string;
  readonly mode?: string;
  readonly audioType?: string;
  readonly engine?: string;
  readonly voice?: string;
  readonly chimeType?: string;
  readonly outputs?: number;
  readonly type?: string;
  readonly changed?: boolean;
  readonly credentials?: Readonly<Record<string, unknown>>;
  [property: string]: unknown;
}

/** Elements found by jQuery. */
interface Elements {
  readonly length: number;
  val(): string | undefined;
  val(value: unknown): Elements;
  prop(name: string, value: unknown): Elements;
  attr(values: Readonly<Record<string, string>>): Elements;
  is(selector: string): boolean;
  text(text: string): Elements;
  addClass(name: string): Elements;
  append(...content: readonly (Elements | string)[]): Elements;
  before(content: Elements): Elements;
  children(selector: string): Elements;
  empty(): Elements;
  remove(): Elements;
  toggle(shown: boolean): Elements;
  on(event: string, handler: () => void): Elements;
  trigger(event: string): Elements;
  /** Node-RED's own widget. */
  typedInput(method: 'type' | 'value'): string;
  typedInput(method: 'value' | 'types', value: unknown): Elements;
  typedInput(options: object): Elements;
}

/** A request on its way, `jqXHR`. */
interface EditorRequest {
  readonly status: number;
  readonly statusText: string;
  readonly responseText: string;
  readonly responseJSON?: {
    readonly key: string;
    readonly values?: { readonly kind?: string; readonly reason?: string };
  };
  getResponseHeader(name: string): string | null;
  state(): 'pending' | 'resolved' | 'rejected';
  always(callback: () => void): void;
  abort(): void;
}

interface EditorRequestOptions {
  readonly url: string;
  readonly type: string;
  readonly contentType?: string;
  readonly data?: string | Blob;
  readonly processData?: boolean;
  readonly dataType?: string;
  readonly xhrFields?: {
    readonly onprogress?: (event: { readonly target: XMLHttpRequest }) => void;
    readonly responseType?: 'blob';
  };
  readonly success?: (answer: unknown) => void;
  readonly error?: (request: EditorRequest) => void;
}

declare const $: { (selector: string): Elements; ajax(options: EditorRequestOptions): EditorRequest };

declare const RED: {
  readonly nodes: {
    node(id: string | undefined): FormNode | null | undefined;
    eachConfig(callback: (node: FormNode) => void): void;
  };
  readonly utils: { validateTypedProperty(value: unknown, type: string | undefined, opt: object): Verdict };
};
