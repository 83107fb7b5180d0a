import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { settleTasks } from '../../../../loadtest/load/generator/settle.ts'
import { TaskLedger } from '../../../../loadtest/load/generator/task-ledger.ts'
import { sampleTask } from '../sample-run.ts'

t.test(
  'every task is asked for until it is over; one that nobody knows is lost, one without an answer stays open',
  async (t) => {
    const asked = new Map<string, number>()
    const server = createServer((request, response) => {
      const id = request.url!.split('/').at(-1)!
      const times = (asked.get(id) ?? 0) + 1
      asked.set(id, times)
      const say = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body))
      if (id === 'gone') return say(404, { code: 'TASK_NOT_FOUND' })
      if (id === 'silent') return void response.destroy()
      if (id === 'busy' && times === 1) return say(503, { code: 'UNAVAILABLE' })
      return say(200, { task: sampleTask(id, id === 'slow' && times < 3 ? 'running' : 'completed') })
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    t.teardown(() => server.close())
    const restUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const ledger = new TaskLedger()
    for (const id of ['quick', 'slow', 'busy', 'gone', 'silent'])
      ledger.accept(id, { kind: 'small report', ends: 'completed' })
    await settleTasks(ledger, { restUrl }, { settleMs: 1200, signal: new AbortController().signal })
    t.match(ledger.outcomes, [{ accepted: 5, asExpected: 3, open: 1, lost: 1, otherwise: {} }])
    t.strictSame(ledger.lostIds, ['gone'])
    t.equal(asked.get('quick'), 1, 'what is settled is asked for once')
    t.ok(asked.get('silent')! >= 2)
  },
)
