import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from './free-ports.ts'
import { until } from './until.ts'

const NAMES = ['redis_exporter', 'prometheus-redis-exporter']

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
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn(program, [...args, `--web.listen-address=${address}`], { stdio: 'ignore' })
  t.teardown(() => child.kill())
  await until('the exporter of Redis answers', async () => {
    const answer = await fetch(`http://${address}/metrics`).catch(() => undefined)
    return answer?.ok === true
  })
  return address
}

/** The program as it is installed here. */
export function findRedisExporter(): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path))
}
