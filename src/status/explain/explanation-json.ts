// An explanation as `explain --json` prints it.
import type { JsonObject } from '../../base/json/json.ts';
import type { Explanation, Gate, Verdict } from './explanation.ts';

export function explanationJson(explanation: Explanation): JsonObject {
  const { widgetId, file, name, live, verdict, gates, daemon, asOf } = explanation;
  return {
    ...{ format_version: '1.0', widget_id: widgetId, file, name },
    live: live && {
      since: live.since.toISOString(),
      revision: live.revision,
      edited: live.isEdited === true,
      came_by: live.cameBy,
    },
    verdict: verdictJson(verdict),
    gates: gates.map(gateJson),
    daemon,
    as_of: asOf?.toISOString() ?? null,
  };
}

function verdictJson(verdict: Verdict): JsonObject {
  const { act, isToMend } = verdict;
  return { ...gateJson(verdict), do: act, to_mend: isToMend };
}

function gateJson({ gate, state, says, until }: Gate | Verdict): JsonObject {
  return { gate, state, says, until: until?.toISOString() ?? null };
}
