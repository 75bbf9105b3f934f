// What `run` says: the log, or against a sandbox the demo, which tells a person what happens.
import type { Log } from '../../base/log.ts';
import { type Demo, showDemo } from '../../observe/show-demo.ts';
import type { LoopObserver } from '../../sync/loop/loop-types.ts';
import { openLog } from '../logging.ts';
import { resultsTo } from '../output-streams.ts';
import { coloursFor, ownCommand, type Surroundings, wantsColour } from '../process-context.ts';
import type { Request } from './account.ts';
import { narrateAll, type Told } from './observe-run.ts';
import type { WritingParts } from './wire.ts';

/** Nothing runs against a sandbox in production; a program that wants its log asks for a format. */
export function isDemo({
  useSandbox,
  settings,
}: Pick<Request, 'useSandbox' | 'settings'>): boolean {
  return useSandbox && settings.logFormat === 'auto';
}

/** Beside a demo it stands on stderr and tells of trouble only: its other lines would say it again. */
export function openRunLog(request: Request, world: Surroundings): Log {
  const { settings } = request;
  if (!isDemo(request)) return openLog(settings, world, 'log');
  const logLevel = settings.given.has('logLevel') ? settings.logLevel : 'warn';
  return openLog({ ...settings, logLevel }, world, 'text');
}

export function narrateRun(told: Told, showsDemo: boolean, world: Surroundings): LoopObserver {
  const narrator = narrateAll(told);
  if (!showsDemo) return narrator;
  const demo = openDemo(told.parts, world);
  demo.begin();
  return besideDemo(narrator, demo);
}

function openDemo({ directory, account }: WritingParts, world: Surroundings): Demo {
  const { stdout, env, clock } = world;
  // By the log's way out: once nobody is left who could read it, the run ends.
  const output = resultsTo(world.logStreamTo(1));
  return showDemo({
    apiUrl: account.apiUrl,
    stateDirectory: account.state,
    dir: directory.dir,
    sourceLine: directory.sourceLine,
    command: ownCommand(env),
    colours: coloursFor(stdout, env),
    color: wantsColour(stdout, env),
    print: (text) => output.write(text),
    timeOfDay: () => clock.now().toTimeString().slice(0, 8),
  });
}

/** The log leaves out what the demo says. */
function besideDemo(narrator: LoopObserver, demo: Demo): LoopObserver {
  return {
    ...narrator,
    loaded: () => {},
    passed(seen, plan, facts) {
      narrator.passed(seen, plan, facts);
      demo.passed(seen, plan, facts);
    },
    outcome(outcome) {
      if (outcome.status !== 'applied') narrator.outcome(outcome);
      demo.outcome(outcome);
    },
  };
}
