// The cases of every law follow from one seed, so that what a run says is about the code and not about
// the day. `npm run soak -- --only laws` looks at others.
import fc from 'fast-check';

const { LAWS_SEED = '1' } = process.env;
const seed = Number(LAWS_SEED);
if (!Number.isSafeInteger(seed)) throw new Error('LAWS_SEED: expected a whole number');

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
