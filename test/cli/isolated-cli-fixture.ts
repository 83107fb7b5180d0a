import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { ROOT } from '../support/source-files.ts'

export const MAIN = join(ROOT, 'services/cli/main.ts')
/** Agents whose answers the tests know. */
export const FIXTURE_AGENTS = join(import.meta.dirname, 'fixture-agents.ts')

export interface Outcome {
  code: number | null
  out: string
  err: string
  /** The one document on standard output. */
  json(): Record<string, unknown>
}

/** Where a user sits who has a stack of his own: a home, a folder, and the command. */
export interface IsolatedCliFixture {
  readonly home: string
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  murmur(args: readonly string[], options?: { stdin?: string; env?: NodeJS.ProcessEnv }): Promise<Outcome>
}

/** Without any servers, whatever the environment names. */
export function openIsolatedCliFixture(t: Test): IsolatedCliFixture {
  const home = mkdtempSync(join(tmpdir(), 'murmur-cli-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const folder = join(home, 'work')
  mkdirSync(folder)
  const { MURMUR_NATS_URL: _nats, MURMUR_REDIS_URL: _redis, ...rest } = process.env
  const env: NodeJS.ProcessEnv = { ...rest, MURMUR_HOME: home, NO_COLOR: '1' }
  delete process.env.MURMUR_NATS_URL
  delete process.env.MURMUR_REDIS_URL
  const murmur: IsolatedCliFixture['murmur'] = async (args, options = {}) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: { ...env, ...options.env } })
    child.stdin.end(options.stdin ?? '')
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    return { code, out, err, json: () => JSON.parse(out) as Record<string, unknown> }
  }
  return { home, folder, env, murmur }
}
