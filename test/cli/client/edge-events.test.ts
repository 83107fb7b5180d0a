import t from 'tap'
import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { dataOf, resumedEvents } from '../../../services/cli/client/edge-events.ts'
import type { EdgeHttp } from '../../../services/cli/client/edge-http.ts'

const REQUEST = { method: 'GET', path: '/v1/alerts/events' } as const
type Options = Parameters<EdgeHttp['events']>[1]
type Item = { id?: string; event: string; data: string } | 'comment'

const clock: Clock & { ms: number } = {
  ms: 0,
  nowMs: () => clock.ms,
  monotonicMs: () => clock.ms,
  sleep: async (ms) => {
    clock.ms += ms
  },
}

/** An edge whose connections are these, one after the other: what each brings, then the error that cuts it off. */
function edgeOf(connections: readonly { items?: readonly Item[]; error?: MurmurError }[]) {
  const lastIds: (string | undefined)[] = []
  const http = {
    async *events(_request: object, options: Options) {
      const connection = connections[Math.min(lastIds.length, connections.length - 1)]
      lastIds.push(options.headers?.['last-event-id'])
      if (connection?.items) options.onOpen?.()
      for (const item of connection?.items ?? []) {
        if (item !== 'comment' && item.id !== undefined) options.onId?.(item.id)
        yield item
      }
      if (connection?.error) throw connection.error
    },
  }
  return { http: http as unknown as EdgeHttp, lastIds }
}
const away = new MurmurError('UNAVAILABLE', 'away')
const alert = (id: string): Item => ({ id, event: 'alert', data: id })

/** Reads so many items, then stops. */
async function read(http: EdgeHttp, count: number): Promise<string[]> {
  const items: string[] = []
  const controller = new AbortController()
  for await (const item of resumedEvents(http, REQUEST, { clock, signal: controller.signal })) {
    items.push(item === 'comment' ? item : item.data)
    if (items.length === count) break
  }
  return items
}

t.test('after a cut it goes on behind what was seen last', async (t) => {
  const { http, lastIds } = edgeOf([
    { items: [alert('1'), alert('2')], error: away },
    { error: away },
    { items: ['comment', alert('3')] },
  ])
  t.strictSame(await read(http, 4), ['1', '2', 'comment', '3'])
  t.strictSame(lastIds, [undefined, '2', '2'])
})

t.test('who was never let in hears of it at once', async (t) => {
  const { http, lastIds } = edgeOf([{ error: away }])
  await t.rejects(read(http, 1), { code: 'UNAVAILABLE' })
  t.equal(lastIds.length, 1)
})

t.test('an edge that is away for more than half a minute ends it', async (t) => {
  const { http, lastIds } = edgeOf([{ items: [alert('1')], error: away }, { error: away }])
  const fromMs = clock.ms
  await t.rejects(read(http, 2), { code: 'UNAVAILABLE' })
  t.ok(clock.ms - fromMs > 30_000 && clock.ms - fromMs < 32_000, `${clock.ms - fromMs} ms`)
  t.ok(lastIds.length > 50)
})

t.test('a problem ends it, where it does not pass', async (t) => {
  const problem = new MurmurError('TASK_NOT_FOUND', 'there is none').toProblem()
  const { http } = edgeOf([{ items: [alert('1'), { event: 'problem', data: JSON.stringify({ problem }) }] }])
  await t.rejects(read(http, 2), { code: 'TASK_NOT_FOUND' })
  const refused = edgeOf([{ items: [alert('1')], error: new MurmurError('PERMISSION_DENIED', 'no') }])
  await t.rejects(read(refused.http, 2), { code: 'PERMISSION_DENIED' })
})

t.test('data of another form is refused', async (t) => {
  const schema = z.object({ a: z.int() })
  const message = { event: 'alert', id: undefined, data: '{"a": 1}' }
  t.strictSame(dataOf(message, schema), { a: 1 })
  t.throws(() => dataOf({ ...message, data: '{"a": "x"}' }, schema), {
    code: 'INTERNAL',
    message: /^an event "alert" has another form/,
  })
})
