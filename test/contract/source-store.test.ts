// The stores of the order of revisions that there are, each held to what the port promises.
import { ModelSourceStore } from '../replicas/fixtures/model-source-store.ts';
import { describeSourceStore } from './source-store-contract.ts';

describeSourceStore('a model', async () => {
  const store = new ModelSourceStore();
  let drawn = 0;
  return {
    store,
    beside: store,
    async begin() {
      drawn += 1;
      store.sessions.add(`${drawn}`);
      return `${drawn}`;
    },
    forget: async (session) => store.forgetSession(session),
    async claim(account) {
      drawn += 1;
      store.tokens.set(account, `${drawn}`);
      return `${drawn}`;
    },
  };
});
