// Types of the part of node-red-node-test-helper that our tests use; the package brings none.
declare module 'node-red-node-test-helper' {
  import type { Node, NodeAPI } from 'node-red';

  type NodeModule = (RED: NodeAPI) => unknown;

  const helper: {
    init(runtimePath: string, settings?: object): void;
    settings(settings: object): object;
    load(nodes: readonly NodeModule[], flow: readonly object[], credentials: object): Promise<void>;
    setFlows(flow: readonly object[], type: 'full' | 'flows' | 'nodes', credentials?: object): Promise<void>;
    unload(): Promise<void>;
    getNode(id: string): Node;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    /** A sinon spy on the runtime's log. */
    log(): { readonly args: readonly (readonly unknown[])[] };
  };
  export default helper;
}
