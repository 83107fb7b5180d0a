import t from 'tap'
import type { Approval } from '#schemas/approval.ts'
import type { TaskState } from '#schemas/task.ts'
import { listApprovalsRequestSchema } from '#schemas/task-controls.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { listApprovals, viewOf } from '../../../services/orchestrator/api/list-approvals.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { commitOf, taskState, write } from '../../support/task-states.ts'

const PARTITIONS = 3

const asking = (id: string, approval: Partial<Approval> = {}, about: Partial<TaskState> = {}) =>
  taskState(id, {
    plan: { steps: [{ id: 'q', approval: { title: `${id}?`, ...approval } }] },
    steps: { q: { status: 'awaiting-approval', attempt: 1, waitingSinceMs: 2000 } },
    ...about,
  })

async function storeOf(tasks: readonly TaskState[]): Promise<MemoryPartitionStore> {
  const store = new MemoryPartitionStore()
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const writes = tasks
      .filter(({ id }) => partitionOf(id, PARTITIONS) === partition)
      .map((state) =>
        write(state, {
          isNew: true,
          approvals: {
            opened: [{ tenant: state.tenant, taskId: state.id, stepId: 'q', attempt: 1 }],
            closed: [],
          },
        }),
      )
    await store.commit(partition, commitOf([undefined, 1], { writes }))
  }
  return store
}

const asked = (store: MemoryPartitionStore, request: object = {}, tenant = 'default') =>
  listApprovals({ store, partitions: PARTITIONS }, tenant, listApprovalsRequestSchema.parse(request))

t.test(
  'what waits, for whom, since when; nothing of other tenants, and nothing that is decided',
  async (t) => {
    const store = await storeOf([
      asking('t1', { assignees: ['finance'], subject: { n: { $from: 'input.n' } }, timeoutMs: 5000 }),
      asking('t2', { assignees: ['legal'] }),
      asking('t3'),
      asking('t4', {}, { tenant: 'other' }),
      asking('t5', {}, { steps: { q: { status: 'completed', attempt: 1 } } }),
    ])
    const ids = async (request?: object, tenant?: string) =>
      (await asked(store, request, tenant)).approvals.map(({ taskId }) => taskId).toSorted()
    t.strictSame(await ids(), ['t1', 't2', 't3'])
    t.strictSame(await ids({ assignee: 'finance' }), ['t1', 't3'], 'also those for nobody in particular')
    t.strictSame(await ids({ taskId: 't2' }), ['t2'])
    t.strictSame(await ids({ taskId: 't4' }), [])
    t.strictSame(await ids({}, 'other'), ['t4'])
    const { approvals } = await asked(store, { taskId: 't1' })
    t.match(approvals, [
      { sinceMs: 2000, untilMs: 7000, subject: { n: 1 }, assignees: ['finance'], escalations: 0 },
    ])
  },
)

t.test('pages: each question once, whatever their size', async (t) => {
  const names = Array.from({ length: 23 }, (_, n) => `t${n}`)
  const store = await storeOf(names.map((id) => asking(id)))
  for (const limit of [1, 4, 23, 200]) {
    const found: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await asked(store, { limit, ...(cursor && { cursor }) })
      t.ok(page.approvals.length <= limit)
      found.push(...page.approvals.map(({ taskId }) => taskId))
      cursor = page.nextCursor
      if (cursor === undefined) break
    }
    t.strictSame(found.toSorted(), names.toSorted(), `${limit} a page`)
  }
  for (const cursor of ['odd', '9:t1:q:1', '0:t1:q:1:2', '0:t1:q:x', '-1:t1:q:1'])
    await t.rejects(
      asked(store, { cursor }),
      { code: 'INVALID_REQUEST', issues: [{ path: 'cursor' }] },
      cursor,
    )
})

t.test('escalations add those whom it is for then', async (t) => {
  const task = asking('t1', {
    assignees: ['a'],
    escalation: [
      { afterMs: 1, assignees: ['b', 'a'] },
      { afterMs: 2, assignees: ['c'] },
    ],
  })
  task.steps.q!.escalations = 1
  t.match(viewOf(task, { stepId: 'q', attempt: 1 }), { assignees: ['a', 'b'], escalations: 1 })
  t.equal(viewOf(task, { stepId: 'q', attempt: 2 }), undefined, 'of another attempt')
  t.equal(viewOf(task, { stepId: 'zz', attempt: 1 }), undefined)
})

t.test('of partitions with gaps between them, and one that has gone since the page before', async (t) => {
  const live = { withTasks: () => all }
  let all = [0, 2]
  const store = await storeOf(Array.from({ length: 12 }, (_, n) => asking(`t${n}`)))
  const page = (request: object) =>
    listApprovals(
      { store, partitions: PARTITIONS, live },
      'default',
      listApprovalsRequestSchema.parse(request),
    )
  const here = (partition: number) =>
    Array.from({ length: 12 }, (_, n) => `t${n}`).filter((id) => partitionOf(id, PARTITIONS) === partition)
  const ids = ({ approvals }: Awaited<ReturnType<typeof page>>) =>
    approvals.map(({ taskId }) => taskId).toSorted()
  t.strictSame(ids(await page({})), [...here(0), ...here(2)].toSorted())
  const { nextCursor } = await page({ limit: 1 })
  all = [2]
  t.strictSame(ids(await page({ cursor: nextCursor })), here(2).toSorted())
})
