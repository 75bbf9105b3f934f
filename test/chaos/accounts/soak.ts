// Chaos over several accounts for as long as it is asked for.
import { soakWorlds } from '../soak-worlds.ts';
import {
  type AgencyReport,
  describeAgency,
  describeAgencyRound,
  runAgencyRounds,
} from './agency-rounds.ts';

soakWorlds({
  lane: 'accounts',
  run: runAgencyRounds,
  describe: describeAgency,
  describeRound: describeAgencyRound,
  sum(reports: readonly AgencyReport[]) {
    const runs = reports.reduce((sum, report) => sum + report.runs, 0);
    const writes = reports.reduce(
      (sum, { writes: { fernwood, harbor } }) => sum + fernwood + harbor,
      0,
    );
    return `${runs} runs of the daemon, ${writes} writes stored beside the account that fails`;
  },
});
