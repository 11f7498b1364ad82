#!/usr/bin/env node
// The command line: picks the command, prints, and turns errors into exit codes: 0 done, 1 failed, 2 wrong usage.
import { isTalkError, shown } from '../index.js';
import { checkCommand } from './check.js';
import { findCommand } from './find.js';
import { probeCommand } from './probe.js';
import { sayCommand } from './say.js';
import { simulateCommand } from './simulate.js';
import { UsageError, type Terminal } from './terminal.js';
import { tuneCommand } from './tune.js';

const USAGE = `tplink-talk: speak through the loudspeaker of a TP-Link camera

  tplink-talk say --host ADDRESS [options] FILE|URL|- …   play one announcement (- reads standard input), or --say TEXT
  tplink-talk probe --host ADDRESS [options]              what this camera answers, step by step
  tplink-talk check --host ADDRESS [options]              plays a chirp; does the camera's own microphone hear it?
  tplink-talk find [options]                              the cameras of this network, and whether they can talk
  tplink-talk tune --host ADDRESS [options]               finds the best settings by listening, about a minute
  tplink-talk simulate [options]                          a camera to try things with

Camera options (say, probe, check, tune):
  --host ADDRESS      name or address of the camera, or an rtsp:// or http:// address with it, without a password
  --port N            RTSP port (554)
  --user NAME         user name (admin)
  --dialect auto|ipc|vigi|tapo|vigi-stream    --codec auto|pcma8k|pcmu16k
  --mode half_duplex|full_duplex|vad|aec
  --packet-bytes N    --lead-in-ms N    --drain-ms N
  --stream-port N (8800)    --packet-ms 20|40|60|120    --encrypt    of dialects tapo and vigi-stream
  --ignore-busy       speak although the camera says busy; some play all the same
  --settings FILE     what tune --apply wrote; the options above come first
say:
  --say TEXT          words, in their place among the files; may be repeated
  --voice auto|COMMAND   what says them: espeak-ng, or a program that reads them and writes sound
  --chime NAME|FILE   first: a file, or ding, dingdong, alert, gong, attention, alarm, success, error
  --gain DB           -40 to 20          --normalize
  --format NAME       of headerless audio: alaw, mulaw, s16le
  --repeat N          says it N times      --repeat-pause SECONDS   between them (0)
  --retries N         starts again after a passing failure (2)
  --retry-seconds N   how long it is tried again; with --retries what ends first decides
probe:
  --http-port N       web port (80)       --login auto|rsa|md5|plain|none
check:
  --stream NAME       whose sound is listened to: stream1, stream2 or a path (stream1)
check, tune:
  --stream-url URL    rtsp:// address to listen at in place of the camera, such as a restream
  --listen-user NAME  for listening, with the password from TPLINK_TALK_LISTEN_PASSWORD (those of the camera)
  --listen-basic      a restream that knows nothing else may be sent the password by Basic, which can be read on the way
say, probe, check, tune:
  --capture FOLDER    what was said, as files without secrets; of check and tune the sound of its microphone, too
find:
  --seconds N         how long answers are waited for (5); 0 looks at the hosts alone
  --interface NAME    asks on this interface (a name or an address) alone; may be repeated
  --host ADDRESS[:PORT]  looks there as well: other subnets do not hear the question; may be repeated
  --port N (554)      --http-port N (80)     --stream-port N (8800)   where it looks
  No password is asked for or sent.
tune:
  --apply FILE        writes the settings that were found, as JSON
  --ear HOST[:PORT]   another camera in earshot, with the same user name and password, where this one cannot hear itself
  --ear-file FILE     a phone's recording of the run, for the same; it says when to record, and waits until it is saved
simulate:
  --port N (8554)     --http-port N (8080)   --host ADDRESS (127.0.0.1)   --user NAME (admin)
  --dialect ipc|vigi  --record FILE          --behavior NAME (may be repeated)   --behaviors lists them
  --family multitrans|tapo|vigi-stream       --stream-port N (8800), where the last two are talked to
  --listen-user NAME  for its streams, with the password from TPLINK_TALK_LISTEN_PASSWORD (those of the camera)
  --replay FOLDER     answers as in a capture, whatever the password; or the one file of a report
  /stream1 and /stream2 carry the sound of its microphone and, as video, one grey still (320x180, H264) a second
All:
  --json              machine-readable output
  --help

The password comes from TPLINK_TALK_PASSWORD or a prompt, never from the command line.
`;

const COMMANDS: Readonly<Record<string, (args: string[], terminal: Terminal) => Promise<number>>> = {
  say: sayCommand,
  find: findCommand,
  probe: probeCommand,
  check: checkCommand,
  tune: tuneCommand,
  simulate: simulateCommand,
};

/** Runs one command line and resolves with its exit code; never rejects. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '', ...rest] = args;
  if (name === '--help' || name === 'help' || rest.includes('--help')) {
    terminal.out(USAGE);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (command === undefined)
      throw new UsageError(
        name === '' ? 'check, find, tune, say, probe or simulate?' : `unknown command ${shown(name)}`,
      );
    return await command(rest, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`tplink-talk: ${error.message}\nTry tplink-talk --help\n`);
      return 2;
    }
    if (isTalkError(error) && error.code === 'TALK_ERR_ARGUMENT') {
      terminal.err(`${error.code}: ${error.message}\n`);
      return 2;
    }
    terminal.err(isTalkError(error) ? `${error.code}: ${error.message}\n` : `${String(error)}\n`);
    if (isTalkError(error) && rest.includes('--json')) {
      terminal.out(
        `${JSON.stringify({ error: { code: error.code, message: error.message, camera: error.camera } })}\n`,
      );
    }
    return 1;
  }
}

if (require.main === module) {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  process.once('SIGTERM', () => abort.abort());
  const terminal: Terminal = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    input: process.stdin,
    env: process.env,
    signal: abort.signal,
  };
  void main(process.argv.slice(2), terminal).then((code) => {
    process.exitCode = code;
  });
}
