// An explanation for people: the answer in one sentence, the gates with marks, and what to do.
import type { Colors } from 'picocolors/types.js';
import { hideRegistered } from '../../base/secrets.ts';
import { printable } from '../../base/text.ts';
import type {
  Explanation,
  GateName,
  GateState,
  LiveContent,
} from '../../status/explain/explanation.ts';
import { type Row, renderTable } from '../table.ts';
import { utcTime } from '../time.ts';

/** The words of the gates as people read them. */
export const gateWords: { readonly [gate in GateName]: string } = {
  daemon: 'daemon runs',
  files: 'file seen',
  read: 'file read',
  valid: 'file valid',
  alone: 'alone with its id',
  suspended: 'suspension',
  account: 'in the account',
  applied: 'compared with applied',
  live: 'compared with live',
  drift: 'drift policy',
  limit: 'within --max-changes',
  queue: 'queued',
  rate: 'rate',
  service: 'service answers',
  key: 'key accepted',
  sent: 'sent',
  answered: 'answered',
  confirmed: 'confirmed',
  seen: 'seen in a read',
};

/** The states of gates, where there is room for words. */
export const gateStateWords: { readonly [state in GateState]: string } = {
  passed: 'passed',
  waits: 'waits here',
  stopped: 'stops here',
  unknown: 'not known',
  'not-reached': 'not reached',
};

/** The same in a column. Told apart by their words: colours only help. */
const gateMarks: { readonly [state in GateState]: string } = {
  passed: 'ok',
  waits: 'WAITS',
  stopped: 'STOPS',
  unknown: '?',
  'not-reached': '-',
};

/** What stops it is meant so by somebody. */
const meantWord = 'MEANT';

/** The answer in one sentence, without control characters. */
export function explanationHeadline(explanation: Explanation): string {
  const { verdict } = explanation;
  const act = verdict.act ?? (verdict.state === 'waits' ? 'nothing to do' : null);
  const end = act === null ? '' : `; ${act}`;
  // What an API or a reader says may be a whole sentence.
  const says = verdict.says.replace(/\.$/, '');
  return printable(hideRegistered(`${beginning(explanation)}${says}${end}.`));
}

function beginning({ file, verdict, live }: Explanation): string {
  const { gate, state } = verdict;
  if (gate === null) return state === 'passed' ? `${file} is live ` : `${file}: not known; `;
  if (gate === 'daemon') return `${file} is not looked at: `;
  if (gate === 'seen' && live !== null) return `${file} is live since ${timeOf(live)}: `;
  if (gate === 'suspended') return `${file} is suspended: `;
  if (gate === 'drift' || gate === 'confirmed') return `${file} is not live as declared: `;
  return `${file} is not live${state === 'waits' ? ' yet' : ''}: `;
}

function timeOf({ since, revision, isEdited }: LiveContent): string {
  const edited = isEdited ? '+edited' : '';
  const from = revision === null ? '' : ` from ${revision.slice(0, 8)}${edited}`;
  return `${utcTime(since.getTime())}${from}`;
}

interface Look {
  readonly colours: Colors;
  readonly width: number | null;
}

export function explanationText(explanation: Explanation, { colours, width }: Look): string {
  const { verdict, gates, live, asOf, daemon } = explanation;
  const paint = { stopped: colours.red, waits: colours.yellow, passed: colours.green };
  const rows = gates.map(({ gate, state, says, isToMend }): Row => {
    const isMeant = state === 'stopped' && !isToMend;
    const colour = state in paint && !isMeant ? paint[state as keyof typeof paint] : colours.dim;
    const word = isMeant ? meantWord : gateMarks[state];
    return [{ text: word, paint: colour }, gateWords[gate], says];
  });
  const besides = gates.filter(
    ({ gate, state }) => state === 'stopped' && gate !== verdict.gate && gate === 'daemon',
  );
  // After a change in the dashboard its value is live.
  const isLiveOrMoved = [null, 'seen', 'drift'].includes(verdict.gate);
  const isOtherLive = live !== null && !isLiveOrMoved;
  const lines = [
    ...besides.map(({ says, act }) => `Also: ${says}; ${act}.`),
    ...(isOtherLive ? [`Live is what was applied at ${timeOf(live)}.`] : []),
    asOf === null
      ? 'No pass is recorded that tells more.'
      : `All this is as of the last pass, ${utcTime(asOf.getTime())}${daemonWords[daemon]}.`,
  ];
  const headline = colours.bold(explanationHeadline(explanation));
  const end = lines.map((line) => printable(hideRegistered(line)));
  return [headline, renderTable(rows, width).join('\n'), end.join('\n')].join('\n\n');
}

const daemonWords: { readonly [daemon in Explanation['daemon']]: string } = {
  running: '',
  ended: '; no daemon runs',
  none: '; no daemon runs',
  gone: '; the daemon does nothing',
};
