// What the program uses of undici, for the bundle: the package's own entry loads its fetch, its WebSocket
// and its mocks, too, which each command would wait for at its start. Esbuild refuses an import of what is
// not exported here.
import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import buildConnector from 'undici/lib/core/connect.js';
import errors from 'undici/lib/core/errors.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';

// As that entry does it, with the methods that are called: by us, and by its proxies.
Object.assign(Dispatcher.prototype, { connect, request });

export { Agent, buildConnector, EnvHttpProxyAgent, errors, Pool };
