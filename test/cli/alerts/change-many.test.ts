import t, { type Test } from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { ChangeAlertsResponse } from '#schemas/alert-changes.ts'
import { type AlertSelection, changeManyAlerts } from '../../../services/cli/alerts/change-many.ts'
import { startServer } from '../../platform/http/local-server.ts'
import { testContext } from '../cli-context-fixture.ts'

const NOTHING: AlertSelection = { ids: [], filter: {}, dryRun: false, order: { status: 'resolved' } }

/** An edge that gives these pages, one after the other; and what the command makes of them. */
async function change(t: Test, about: Partial<AlertSelection>, pages: ChangeAlertsResponse[], json = false) {
  const { origin, seen } = await startServer(t, (_request, response, count) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(pages[count - 1] ?? { results: [] }))
  })
  const context = { ...testContext({ json }), edgeUrl: origin.replace('0.0.0.0', '127.0.0.1') }
  const exitCode = await changeManyAlerts(context, { ...NOTHING, ...about })
  const asked = seen.map(({ url, body }) => ({ url, body: JSON.parse(body) }))
  return { exitCode, asked, out: context.out(), err: context.err() }
}

t.test('a filter is followed page by page, and each alert is told of', async (t) => {
  const { exitCode, asked, out, err } = await change(
    t,
    { filter: { camera: 'yard' }, order: { status: 'acknowledged', by: 'anna' } },
    [
      {
        results: [
          {
            id: 'a1',
            severity: 'high',
            status: 'acknowledged',
            camera: 'yard',
            message: 'Person',
            outcome: 'done',
          },
        ],
        nextCursor: 'c1',
      },
      { results: [{ id: 'a2', outcome: 'done' }] },
    ],
  )
  t.equal(exitCode, 0)
  t.match(asked, [
    { url: /acknowledge/, body: { filter: { camera: 'yard' }, by: 'anna', dryRun: false } },
    { body: { filter: { camera: 'yard' }, by: 'anna', cursor: 'c1' } },
  ])
  t.notHas(asked[0]?.body, 'cursor')
  t.match(out, /a1 +high +acknowledged +yard +done +Person\n +a2 +done/)
  t.match(err, /2 changed\./)
})

t.test('ids go in parts that a request holds, and without the filter', async (t) => {
  const ids = Array.from({ length: 201 }, (_, i) => `a${i}`)
  const { asked } = await change(t, { ids }, [])
  t.strictSame(
    asked.map(({ body }) => body.ids?.length),
    [200, 1],
  )
  for (const { url, body } of asked) {
    t.match(url, /resolve/)
    t.notHas(body, 'filter')
  }
})

t.test('one that failed is told with its reason, and in the exit code', async (t) => {
  const problem = new MurmurError('ALERT_NOT_FOUND', 'there is no alert "a2"').toProblem()
  const results = [
    { id: 'a1', outcome: 'done' as const },
    { id: 'a2', outcome: 'failed' as const, problem },
  ]
  const { exitCode, out, err } = await change(t, { ids: ['a1', 'a2'] }, [{ results }])
  t.equal(exitCode, 1)
  t.match(out, /a2 +failed +ALERT_NOT_FOUND: there is no alert "a2"/)
  t.match(err, /1 changed, 1 failed\./)
})

t.test('a dry run says what would be done; JSON has all of it', async (t) => {
  const results = [{ id: 'a1', outcome: 'planned' as const }]
  const plain = await change(t, { ids: ['a1'], dryRun: true }, [{ results }])
  t.equal(plain.asked[0]?.body.dryRun, true)
  t.match(plain.err, /1 would be changed\./)
  const { out } = await change(t, { ids: ['a1'], dryRun: true }, [{ results }], true)
  t.strictSame(JSON.parse(out), { dryRun: true, count: 1, failed: 0, results })
})
