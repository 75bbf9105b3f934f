// The daemon under chaos: the built command as a process of its own, started and ended again and again.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';

const entry = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const clockShift = new URL('./clock-shift.mjs', import.meta.url).href;

export interface DaemonOptions {
  readonly cwd: string;
  readonly args: readonly string[];
  /** Null where the file of accounts names those of each. */
  readonly keyFile: string | null;
  readonly clockFile: string;
  /** Beside what every run of it gets. */
  readonly env?: Readonly<Record<string, string>>;
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
  /** From when it was asked, and had begun to run. */
  readonly tookMs: number;
  readonly hasSpoken: boolean;
  readonly stderr: string;
}

/** From one line of the log to the other, on the clock of the harness. */
export interface Outage {
  /** Which run of the daemon noticed it, from 1. */
  readonly run: number;
  readonly fromMs: number;
  /** Infinity while it lasts, or where the run ended before it did. */
  toMs: number;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  asked: Ending['asked'];
  askedAtMs: number;
  /** Before its first line a process on a busy machine may not run at all. */
  spokeAtMs: number;
  /** It has said something: from then on it hears signals. */
  hasSpoken: boolean;
  hasLooked: boolean;
}

/** Clocks are shifted by a minute or more, and no line is under way for so long. */
const leastShiftMs = 30_000;

export class Daemon {
  readonly endings: Ending[] = [];
  /** Lines of the log that say that something happened which nobody expects. */
  readonly bugs: string[] = [];
  /** When it said that the service was down. */
  readonly outages: Outage[] = [];
  readonly #options: DaemonOptions;
  readonly #log: WriteStream;
  #running: Running | null = null;
  #runs = 0;
  #behindMs = Number.POSITIVE_INFINITY;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#log = createWriteStream(options.logFile);
  }

  /** Of the process that runs; null: none does. */
  get pid(): number | null {
    return this.#running?.child.pid ?? null;
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
    const { cwd, args, keyFile, clockFile, env = {} } = this.#options;
    this.#runs += 1;
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, ['--import', clockShift, entry, ...args], {
      cwd,
      env: {
        PATH,
        TERM: 'dumb',
        NO_PROXY: '*',
        ...(keyFile !== null && { INSIGHTO_API_KEY_FILE: keyFile }),
        CHAOS_CLOCK: clockFile,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#log.write(`--- run ${this.#runs} at ${Math.round(systemClock.monotonicMs())} ms\n`);
    const running: Running = {
      child,
      ended: this.#ending(child),
      asked: null,
      askedAtMs: 0,
      spokeAtMs: Number.POSITIVE_INFINITY,
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

  /** It stands still, until `wake`. */
  stop(): void {
    this.#running?.child.kill('SIGSTOP');
  }

  wake(): void {
    this.#running?.child.kill('SIGCONT');
  }

  close(): void {
    this.#log.end();
  }

  #hear(line: string, running: Running): void {
    running.hasSpoken = true;
    running.spokeAtMs = Math.min(running.spokeAtMs, systemClock.monotonicMs());
    if (line.includes('"msg":"looked"')) running.hasLooked = true;
    if (/"level":"fatal"|this is a bug/.test(line)) this.bugs.push(line);
    const atMs = this.#saidAtMs(line);
    if (line.includes('the service is down')) {
      this.outages.push({ run: this.#runs, fromMs: atMs, toMs: Number.POSITIVE_INFINITY });
    }
    const last = this.outages.at(-1);
    if (line.includes('the service is back') && last?.run === this.#runs) last.toMs = atMs;
  }

  /**
   * A line is heard some time after it was said, and its own time is that of a clock that is shifted
   * now and then: the quickest line since the last shift says how far that clock is away.
   */
  #saidAtMs(line: string): number {
    const heardAtMs = systemClock.monotonicMs();
    const said = Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '');
    if (Number.isNaN(said)) return heardAtMs;
    const behindMs = heardAtMs - said;
    const isShifted = Math.abs(behindMs - this.#behindMs) > leastShiftMs;
    this.#behindMs = isShifted ? behindMs : Math.min(this.#behindMs, behindMs);
    return said + this.#behindMs;
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
    const { asked = null, askedAtMs = 0, hasSpoken = false, spokeAtMs = 0 } = this.#running ?? {};
    const fromMs = Math.max(askedAtMs, spokeAtMs);
    const tookMs = asked === null ? 0 : Math.max(0, systemClock.monotonicMs() - fromMs);
    const ending = { code, asked, tookMs, hasSpoken, stderr };
    this.#log.write(`--- ended with ${code}: ${stderr}\n`);
    this.endings.push(ending);
    this.#running = null;
    this.#options.onEnd(this.#runs);
    return ending;
  }
}
