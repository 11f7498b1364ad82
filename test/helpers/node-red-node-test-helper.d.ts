// Types of the part of node-red-node-test-helper that our tests use; the package brings none.
declare module 'node-red-node-test-helper' {
  import type { Node, NodeAPI } from 'node-red';

  type NodeModule = (RED: NodeAPI) => unknown;

  const helper: {
    init(runtimePath: string, settings?: object): void;
    settings(settings: object): object;
    load(nodes: readonly NodeModule[], flow: readonly object[], credentials: object): Promise<void>;
    /** The nodes of the runtime. `setFlows` of the helper itself gives a deploy 300 ms. */
    readonly _redNodes: {
      setFlows(flow: readonly object[], credentials: object, type: 'full' | 'flows' | 'nodes'): Promise<unknown>;
    };
    unload(): Promise<void>;
    getNode(id: string): Node;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    /** A sinon spy on the runtime's log. */
    log(): { readonly args: readonly (readonly unknown[])[] };
  };
  export default helper;
}
