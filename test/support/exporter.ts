import { spawn } from 'node:child_process'
import type { Test } from 'tap'
import { findOnPath } from '../../deploy/local/servers/find-binary.ts'
import { freePort } from './free-ports.ts'
import { until } from './until.ts'

/** The first of these programs that is installed here: figures of a server for Prometheus. */
export function findExporter(names: string[]): string | undefined {
  return findOnPath(names)
}

/**
 * Starts an exporter on a port of its own; it ends with the test.
 * @param argsOf its arguments, the port among them
 * @returns its address, once it answers
 */
export async function startExporter(
  t: Pick<Test, 'teardown'>,
  program: string,
  argsOf: (port: number) => string[],
): Promise<string> {
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const child = spawn(program, argsOf(port), { stdio: 'ignore' })
  t.teardown(() => child.kill())
  await until(`${program} answers`, async () => {
    const answer = await fetch(`http://${address}/metrics`).catch(() => undefined)
    return answer?.ok === true
  })
  return address
}
