import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { WatchItem } from '#platform/tasks/watch-task.ts'
import type { MurmurClient } from '../../../services/cli/client/murmur-client.ts'
import { followMonitor } from '../../../services/cli/monitor/follow-monitor.ts'
import { testContext } from '../cli-context-fixture.ts'
import { monitorTask } from '../monitor-fixtures.ts'

const running = monitorTask('m-1')
const endedAs = (status: 'completed' | 'cancelled') => ({
  ...running,
  status,
  rev: running.rev + 1,
  finishedAtMs: 9,
})

/** A monitor that ends when it is stopped (where a capture answers) or cancelled. */
function clientWhere(stop: () => Promise<void>) {
  const asked: string[] = []
  const over = Promise.withResolvers<'completed' | 'cancelled'>()
  const client = {
    video: {
      stop: async () => {
        asked.push('stop')
        await stop()
        over.resolve('completed')
      },
    },
    cancel: async (_taskId: string, reason?: string) => {
      asked.push(`cancel: ${reason}`)
      over.resolve('cancelled')
    },
    async *watch(): AsyncGenerator<WatchItem> {
      yield { kind: 'snapshot', task: running }
      yield { kind: 'snapshot', task: endedAs(await over.promise) }
    },
  } as unknown as MurmurClient
  return { client, asked, over }
}

t.test('without an interruption it is watched to its end', async (t) => {
  const { client, asked, over } = clientWhere(async () => undefined)
  over.resolve('completed')
  t.match(await followMonitor(testContext(), client, 'm-1', () => undefined), { status: 'completed' })
  t.strictSame(asked, [])
})

t.test('the first Ctrl-C asks the capture to end; its summary is the end', async (t) => {
  const controller = new AbortController()
  const { client, asked } = clientWhere(async () => undefined)
  const context = testContext({ signal: controller.signal })
  const ended = followMonitor(context, client, 'm-1', () => controller.abort())
  t.match(await ended, { status: 'completed' })
  t.strictSame(asked, ['stop'])
  t.match(context.err(), /Stopping; the summary follows/)
})

for (const code of ['UNAVAILABLE', 'TASK_STATE_CONFLICT'] as const)
  t.test(
    `a capture that is handed over is asked again; when none answers the task is cancelled (${code})`,
    async (t) => {
      const { client, asked } = clientWhere(async () => {
        throw new MurmurError(code, 'nobody captures it')
      })
      const context = testContext({ signal: AbortSignal.abort() })
      await t.rejects(
        followMonitor(context, client, 'm-1', () => undefined),
        {
          code: 'INTERRUPTED',
          message: /ended before anything was captured/,
        },
      )
      t.ok(asked.length > 5, 'for three seconds, four times a second')
      t.equal(asked.at(-1), 'cancel: stopped before anything was captured')
      t.strictSame(new Set(asked.slice(0, -1)), new Set(['stop']))
    },
  )
