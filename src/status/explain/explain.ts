// Why a widget's content is not live, or that it is: each gate in order, and the one that counts. Pure; what
// it rests on is what the process that holds the state has left there.
import type { Asked, Explanation, Gate, GateName, LiveContent, Verdict } from './explanation.ts';
import { gateNames } from './explanation.ts';
import { type Answer, type Facts, factsOf, fromRevision, timeText } from './facts.ts';
import {
  aloneGate,
  daemonGate,
  filesGate,
  readGate,
  suspendedGate,
  validGate,
} from './file-gates.ts';
import { accountGate, appliedGate, driftGate, limitGate, liveGate } from './plan-gates.ts';
import {
  answeredGate,
  cameBy,
  confirmedGate,
  keyGate,
  queueGate,
  rateGate,
  seenGate,
  sentGate,
  serviceGate,
} from './send-gates.ts';

const answers: { readonly [gate in GateName]: (facts: Facts) => Answer } = {
  daemon: daemonGate,
  files: filesGate,
  read: readGate,
  valid: validGate,
  alone: aloneGate,
  suspended: suspendedGate,
  account: accountGate,
  applied: appliedGate,
  live: liveGate,
  drift: driftGate,
  limit: limitGate,
  queue: queueGate,
  rate: rateGate,
  service: serviceGate,
  key: keyGate,
  sent: sentGate,
  answered: answeredGate,
  confirmed: confirmedGate,
  seen: seenGate,
};

export function explainWidget(asked: Asked): Explanation {
  const facts = factsOf(asked);
  const all = gateNames.map((gate): Gate => ({ gate, ...answers[gate](facts) }));
  const live = liveOf(facts);
  const verdict = firstThatCounts(all);
  const { widgetId, file, name } = asked.widget;
  return {
    ...{ widgetId, file, name, live },
    verdict: verdict ?? noneCounts(facts, live),
    gates: verdict === null ? all : all.map((gate) => reached(gate, verdict)),
    daemon: asked.daemon,
    asOf: asked.record?.time ?? null,
  };
}

/** What wants somebody comes before what ends by itself, and what stops one widget before the daemon. */
function firstThatCounts(gates: readonly Gate[]): Gate | null {
  const stops = gates.filter(({ state }) => state === 'stopped');
  const [ofWidget = stops[0]] = stops.filter(({ gate }) => gate !== 'daemon');
  return ofWidget ?? gates.find(({ state }) => state === 'waits') ?? null;
}

/** Behind the gate that counts nothing is known; what stops is told, wherever it stands. */
function reached(gate: Gate, verdict: Gate): Gate {
  const isBehind = gateNames.indexOf(gate.gate) > gateNames.indexOf(verdict.gate);
  // The daemon stands before all gates of a widget, which passed those that they passed.
  if (!isBehind || verdict.gate === 'daemon') return gate;
  return { ...gate, state: 'not-reached', says: '', until: null, act: null, isToMend: false };
}

function noneCounts({ record, isSettled, now }: Facts, live: LiveContent | null): Verdict {
  const base = { gate: null, until: null, act: null, isToMend: false };
  if (isSettled && live !== null) {
    const says = `since ${timeText(live.since, now)}${fromRevision(live)}`;
    return { ...base, state: 'passed', says };
  }
  const at = record?.time ? ` at ${timeText(record.time, now)}` : '';
  return { ...base, state: 'unknown', says: `the last pass${at} does not tell of it` };
}

function liveOf(facts: Facts): LiveContent | null {
  const { applied } = facts;
  if (applied === null) return null;
  const { appliedAt: since, revision, isEdited } = applied;
  return { since, revision, ...(isEdited && { isEdited }), cameBy: cameBy(facts) };
}
