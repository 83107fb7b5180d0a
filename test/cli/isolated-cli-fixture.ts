import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { programOf } from '../support/program.ts'
import { type Outcome, outcomeOf, runInProcess } from './run-in-process.ts'

export const MAIN = programOf('services/cli/main.ts')
/** Agents whose answers the tests know. */
export const FIXTURE_AGENTS = join(import.meta.dirname, 'fixture-agents.ts')

interface RunOptions {
  stdin?: string
  env?: NodeJS.ProcessEnv
}

/** Where a user sits who has a stack of his own: a home, a folder, and the command. */
export interface IsolatedCliFixture {
  readonly home: string
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** In this process. */
  murmur(args: readonly string[], options?: RunOptions): Promise<Outcome>
  /** As a process of its own, as a shell starts it. */
  spawnMurmur(args: readonly string[], options?: RunOptions): Promise<Outcome>
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
  return {
    home,
    folder,
    env,
    murmur: (args, { stdin = '', env: more } = {}) =>
      runInProcess(args, { folder, env: { ...env, ...more }, stdin }),
    async spawnMurmur(args, { stdin = '', env: more } = {}) {
      const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: { ...env, ...more } })
      child.stdin.end(stdin)
      const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
      const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
      return outcomeOf(code, out, err)
    },
  }
}
