// What Node.js cannot set: a receive buffer of 8 KiB. A relay in Python in front of a simulated camera, which at some point reads no more.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Passes everything on; on its first connections it stops reading after so many bytes of the client. Ends with its standard input. */
const RELAY = `
import os, socket, sys, threading, time
camera, stop, times = map(int, sys.argv[1:])
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
server.bind(('127.0.0.1', 0))
server.listen()
print(server.getsockname()[1], flush=True)

def copy(source, target, most, stopped):
    try:
        while most > 0:
            some = source.recv(min(1024, most))
            if not some:
                break
            target.sendall(some)
            most -= len(some)
        else:
            # The camera behind may let somebody else talk; the client hears nothing of it.
            stopped.set()
            target.shutdown(socket.SHUT_RDWR)
            time.sleep(3600)
        if not stopped.is_set():
            target.shutdown(socket.SHUT_WR)
    except OSError:
        if not stopped.is_set():
            target.close()

def serve():
    count = 0
    while True:
        client, _ = server.accept()
        behind = socket.create_connection(('127.0.0.1', camera))
        count += 1
        stopped = threading.Event()
        most = stop if count <= times else 1 << 40
        threading.Thread(target=copy, args=(behind, client, 1 << 40, stopped), daemon=True).start()
        threading.Thread(target=copy, args=(client, behind, most, stopped), daemon=True).start()

threading.Thread(target=serve, daemon=True).start()
sys.stdin.read()
os._exit(0)
`;

export interface SmallBuffer {
  readonly port: number;
  close(): Promise<void>;
}

/** A camera on `port` behind 8 KiB, that reads no more after `bytes`, on its first `times` connections; undefined where there is no Python. */
export async function smallBuffer(port: number, bytes: number, times: number): Promise<SmallBuffer | undefined> {
  const relay = spawn('python3', ['-c', RELAY, ...[port, bytes, times].map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(relay, 'exit').catch(() => undefined);
  const line: unknown = await Promise.race([once(relay.stdout, 'data').then(([data]) => String(data)), exit]);
  if (typeof line !== 'string') return undefined;
  return {
    port: Number(line),
    close: async () => {
      relay.stdin.end();
      await exit;
    },
  };
}
