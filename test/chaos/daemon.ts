// The daemon under chaos: the built command as a process of its own, started and ended again and again.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/clock.ts';

const entry = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const clockShift = new URL('./clock-shift.mjs', import.meta.url).href;

export interface DaemonOptions {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly keyFile: string;
  readonly clockFile: string;
  /** Everything that any run of it says. */
  readonly logFile: string;
  /** Told of the end of each run, by its number. */
  readonly onEnd: (run: number) => void;
}

/** How one run of the daemon ended. */
export interface Ending {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** What was asked of it, if anything. */
  readonly asked: 'kill' | 'terminate' | null;
  readonly tookMs: number;
  readonly hasSpoken: boolean;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  asked: Ending['asked'];
  askedAtMs: number;
  /** It has said something: from then on it hears signals. */
  hasSpoken: boolean;
  hasLooked: boolean;
}

export class Daemon {
  readonly endings: Ending[] = [];
  /** Lines of the log that say that something happened which nobody expects. */
  readonly bugs: string[] = [];
  readonly #options: DaemonOptions;
  readonly #log: WriteStream;
  #running: Running | null = null;
  #runs = 0;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#log = createWriteStream(options.logFile);
  }

  /** How often it was started. */
  get runs(): number {
    return this.#runs;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Its first pass is over. */
  get hasLooked(): boolean {
    return this.#running?.hasLooked ?? false;
  }

  start(): void {
    if (this.#running !== null) return;
    const { cwd, args, keyFile, clockFile } = this.#options;
    this.#runs += 1;
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, ['--import', clockShift, entry, ...args], {
      cwd,
      env: {
        PATH,
        TERM: 'dumb',
        NO_PROXY: '*',
        INSIGHTO_API_KEY_FILE: keyFile,
        CHAOS_CLOCK: clockFile,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#log.write(`--- run ${this.#runs} at ${Math.round(systemClock.monotonicMs())} ms\n`);
    const running: Running = {
      child,
      ended: this.#ending(child),
      asked: null,
      askedAtMs: 0,
      hasSpoken: false,
      hasLooked: false,
    };
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#log.write(text);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#hear(line, running);
    });
    this.#running = running;
  }

  /** Resolves once the process is gone. */
  async kill(): Promise<void> {
    await this.#end('kill', 'SIGKILL');
  }

  /** For the end of the harness itself. */
  killAtOnce(): void {
    this.#running?.child.kill('SIGKILL');
  }

  async terminate(): Promise<void> {
    await this.#end('terminate', 'SIGTERM');
  }

  signal(name: 'SIGHUP' | 'SIGUSR2'): void {
    if (this.#running?.hasSpoken) this.#running.child.kill(name);
  }

  close(): void {
    this.#log.end();
  }

  #hear(line: string, running: Running): void {
    running.hasSpoken = true;
    if (line.includes('"msg":"looked"')) running.hasLooked = true;
    if (/"level":"fatal"|this is a bug/.test(line)) this.bugs.push(line);
  }

  async #end(asked: 'kill' | 'terminate', signal: NodeJS.Signals): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    running.asked ??= asked;
    running.askedAtMs = systemClock.monotonicMs();
    running.child.kill(signal);
    await running.ended;
  }

  async #ending(child: ChildProcess): Promise<Ending> {
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status));
    });
    const { asked = null, askedAtMs = 0, hasSpoken = false } = this.#running ?? {};
    const tookMs = asked === null ? 0 : systemClock.monotonicMs() - askedAtMs;
    const ending = { code, asked, tookMs, hasSpoken, stderr };
    this.#log.write(`--- ended with ${code}: ${stderr}\n`);
    this.endings.push(ending);
    this.#running = null;
    this.#options.onEnd(this.#runs);
    return ending;
  }
}
