// Test files share processes, and a key that a command was given is hidden in all that follows: that of a
// test called `in-right` would be found in the style of a page, which has a margin-right.
import { afterAll } from 'vitest';
import { forgetSecrets } from '../../src/base/secrets.ts';

afterAll(forgetSecrets);
