// What was known to be kept otherwise, and still is when a widget is found to be as git declares it.
import type { AppliedRecord } from '../../model/applied-record.ts';
import type { Adoption } from '../../model/plan.ts';
import { shownStill } from './learn-echo.ts';
import { keptIn } from './unapplied-widget.ts';

/** For the record of the adoption. What was known of other content says nothing of this one. */
export function keptOn({
  document: { hash, spec },
  echo,
  applied,
  live,
}: Pick<Adoption, 'document' | 'echo' | 'applied' | 'live'>): Pick<
  AppliedRecord,
  'spelling' | 'keptSince' | 'keptBeside'
> {
  // How the API spells is known already, and of this content it was just read.
  const spelling = applied?.spelling === undefined ? {} : ({ spelling: 'read' } as const);
  if (applied?.hash !== hash) return spelling;
  const keptBeside = shownStill(applied.keptBeside, live.body);
  const known = { ...spelling, ...(Object.keys(keptBeside).length > 0 && { keptBeside }) };
  const isKept = keptIn(applied).length > 0 && keptIn({ spec, echo, ...known }).length > 0;
  return { ...known, ...(isKept && { keptSince: applied.keptSince ?? applied.appliedAt }) };
}
