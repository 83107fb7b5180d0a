import { PassThrough } from 'node:stream'
import type { Clock } from '#platform/clock/clock.ts'
import type { CliContext } from '../../services/cli/cli-context.ts'
import { Terminal } from '../../services/cli/output/terminal.ts'

/** A context whose output the test reads, with a clock that the test moves. */
export interface TestContext extends CliContext {
  readonly time: { nowMs: number }
  /** What was written since the last call. */
  out(): string
  err(): string
}

/** Without a terminal unless told; nothing is coloured. */
export function testContext(
  given: Partial<Pick<CliContext, 'folder' | 'home' | 'json' | 'signal'>> & { isLive?: boolean } = {},
): TestContext {
  const { isLive = false, json = false, ...rest } = given
  const [out, err] = [
    new PassThrough(),
    Object.assign(new PassThrough(), { isTTY: isLive, columns: 80, rows: 24 }),
  ]
  const time = { nowMs: 0 }
  const clock: Clock = {
    nowMs: () => time.nowMs,
    monotonicMs: () => time.nowMs,
    sleep: async (ms) => {
      time.nowMs += ms
    },
  }
  return {
    terminal: new Terminal({ json, out: out as never, err: err as never }),
    clock,
    env: process.env,
    input: () => process.stdin,
    time,
    json,
    natsUrl: undefined,
    edgeUrl: undefined,
    tenant: undefined,
    home: '/nowhere',
    folder: '/nowhere',
    signal: new AbortController().signal,
    beforeForcedExit: () => () => undefined,
    out: () => String(out.read() ?? ''),
    err: () => String(err.read() ?? ''),
    ...rest,
  }
}
