// Every command, by hand: a new one has to be thought of where all of them are tried.
export const commandNames = [
  'run',
  'apply',
  'plan',
  'validate',
  'render',
  'preview',
  'import',
  'status',
  'explain',
  'where',
  'history',
  'forget',
  'state',
  'health',
  'sandbox',
  'notify',
] as const;
