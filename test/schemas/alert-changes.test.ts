import t from 'tap'
import {
  changeAlertsBodySchema,
  changeAlertsRequestSchema,
  changeAlertsResponseSchema,
  MAX_BULK_ALERTS,
} from '#schemas/alert-changes.ts'

const isFine = (request: object) =>
  changeAlertsRequestSchema.safeParse({ status: 'resolved', ...request }).success

t.test('a selection is ids or a filter, never both and never neither', async (t) => {
  t.strictSame(changeAlertsRequestSchema.parse({ status: 'resolved', ids: ['a1'] }), {
    ids: ['a1'],
    status: 'resolved',
    limit: MAX_BULK_ALERTS,
    dryRun: false,
  })
  t.ok(isFine({ filter: { camera: 'yard' } }))
  t.notOk(isFine({}))
  t.notOk(isFine({ ids: ['a1'], filter: { camera: 'yard' } }))
  t.ok(changeAlertsBodySchema.safeParse({ filter: { status: 'open' } }).success)
  t.notOk(changeAlertsBodySchema.safeParse({}).success, 'the body of REST is held to the same')
})

t.test('an empty filter would change every alert: it is refused, and says how to mend it', async (t) => {
  for (const filter of [{}, { camera: undefined, status: undefined }]) {
    const { error } = changeAlertsRequestSchema.safeParse({ status: 'resolved', filter })
    t.match(error?.issues, [{ path: ['filter'], message: /empty filter finds every alert: name/ }])
  }
  t.ok(isFine({ filter: { sinceMs: 0 } }), 'a time of zero is a filter all the same')
})

t.test('every field has its limits', async (t) => {
  const ids = Array.from({ length: MAX_BULK_ALERTS + 1 }, (_, i) => `a${i}`)
  t.ok(isFine({ ids: ids.slice(1) }))
  for (const bad of [
    { ids },
    { ids: [] },
    { ids: [''] },
    { ids: ['a1'], limit: 0 },
    { ids: ['a1'], limit: MAX_BULK_ALERTS + 1 },
    { ids: ['a1'], note: 'n'.repeat(1001) },
    { ids: ['a1'], status: 'open' },
    { ids: ['a1'], dry: true },
    { filter: { status: 'resolved' } },
    { filter: { severity: 'worst' } },
    { filter: { camera: 'yard', zone: 'gate' } },
    { filter: { beforeMs: -1 } },
  ])
    t.notOk(isFine(bad), JSON.stringify(bad).slice(0, 80))
})

t.test('an answer says of each what became of it', async (t) => {
  const answer = {
    results: [
      { id: 'a1', outcome: 'planned' },
      { id: 'a2', outcome: 'failed' },
    ],
    nextCursor: 'c',
  }
  t.strictSame(changeAlertsResponseSchema.parse(answer), answer)
  t.throws(() => changeAlertsResponseSchema.parse({ results: [{ id: 'a1', outcome: 'skipped' }] }))
})
