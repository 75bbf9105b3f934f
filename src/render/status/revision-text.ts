// A commit's hash as people read it. `+edited`: the content was not committed when it was applied.

export interface Revised {
  readonly revision: string | null;
  readonly isEdited?: true;
}

/** In full; null where no commit is known. */
export function revisionText({ revision, isEdited }: Revised): string | null {
  return revision === null ? null : `${revision}${isEdited ? '+edited' : ''}`;
}

/** Its first eight digits; `-` where no commit is known. */
export function shortRevision({ revision, ...rest }: Revised): string {
  return revisionText({ revision: revision?.slice(0, 8) ?? null, ...rest }) ?? '-';
}
