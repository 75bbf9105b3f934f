// Chaos among replicas for as long as it is asked for.
import { soakWorlds } from '../soak-worlds.ts';
import {
  describeFleet,
  describeFleetRound,
  type FleetReport,
  runFleetRounds,
} from './fleet-rounds.ts';

soakWorlds({
  lane: 'fleet',
  run: runFleetRounds,
  describe: describeFleet,
  describeRound: describeFleetRound,
  sum(reports: readonly FleetReport[]) {
    const runs = reports.reduce((sum, report) => sum + report.runs, 0);
    const writes = reports.reduce((sum, report) => sum + report.writes, 0);
    return `${runs} runs of replicas, ${writes} writes stored`;
  },
});
