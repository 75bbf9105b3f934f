// Loaded into the daemon before its own code by functions.mjs: answers each message with the functions
// that have a name and ran since the one before, of the modules below COVERAGE_BELOW, by V8's precise coverage.
import { Session } from 'node:inspector/promises';

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

async function takeFunctions() {
  const below = process.env['COVERAGE_BELOW'];
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const ours = result.filter(({ url }) => url.startsWith(below));
  const ran = ours.flatMap(({ url, functions }) =>
    functions
      .filter(({ functionName, ranges: [whole] }) => functionName !== '' && whole.count > 0)
      .map(({ functionName }) => `${url.slice(below.length)} ${functionName}`),
  );
  // Two functions of one name in one file are one: offsets would differ with every edit of the file.
  return [...new Set(ran)];
}

process.on('message', async () => process.send(await takeFunctions()));
process.channel.unref();
