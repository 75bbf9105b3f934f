// What work takes of a processor, for upper bounds: on a busy machine a wall clock tells of the others, too.

/** Milliseconds of processor time of this process, all threads, until the promise is settled. */
export async function processorMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
