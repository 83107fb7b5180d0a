import type { Test } from 'tap'
import { findExporter, startExporter } from './exporter.ts'

/** Why tests with it are skipped: the program is not on the PATH. */
export const NO_REDIS_EXPORTER =
  findRedisExporter() === undefined && 'redis_exporter is not installed (Debian: prometheus-redis-exporter)'

/** Starts it with these arguments and a port of its own. @returns its address, once it answers; undefined where it is not installed */
export async function startRedisExporter(
  t: Pick<Test, 'teardown'>,
  args: readonly string[],
): Promise<string | undefined> {
  const program = findRedisExporter()
  if (program === undefined) return undefined
  return await startExporter(t, program, (port) => [...args, `--web.listen-address=127.0.0.1:${port}`])
}

/** The program as it is installed here. */
export function findRedisExporter(): string | undefined {
  return findExporter(['redis_exporter', 'prometheus-redis-exporter'])
}
