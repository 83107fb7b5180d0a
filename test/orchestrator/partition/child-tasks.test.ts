import t from 'tap'
import { partitionOf } from '#subjects/subjects.ts'
import { childIdOf } from '#workflow/decide/child-id.ts'
import { acceptTask } from '../../../services/orchestrator/intake/accept-task.ts'
import { ChildTasks } from '../../../services/orchestrator/partition/child-tasks.ts'
import { openBus } from '../../support/bus.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { acceptedTask } from '../../support/random-plan.ts'
import { withServers } from '../../support/servers.ts'
import { Story } from '../../support/story.ts'

const PARTITIONS = 4
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: PARTITIONS, storageBytes: 1024 ** 3 })

const PLAN = { steps: [{ id: 'a', agent: 'x' }] }
const store = new MemoryPartitionStore()
const acceptDeps = {
  ...{ bus, store, partitions: PARTITIONS, keepFinishedMs: 60_000, giveUpAfterMs: 5000 },
  // Children are not counted.
  admission: { admit: () => t.fail('a child was counted') as never },
}
const children = () =>
  new ChildTasks({
    ...{ bus, store, partitions: PARTITIONS, instance: 'one', log: quietLog },
    blobs: { keep: () => t.fail('nothing is large') as never },
    clock: { nowMs: Date.now } as never,
    accept: (_tenant, _submission, { taskId, parent }) => {
      const accepted = acceptedTask({ v: 2, taskId, parent, plan: PLAN })
      return acceptTask(
        {
          accepted,
          hasKey: false,
          isSameBody: () => true,
          visitor: () => t.fail('a child gets no place') as never,
        },
        acceptDeps,
      )
    },
  })

function parentOf(taskId: string) {
  const story = new Story().accept({ plan: { steps: [{ id: 'a', task: { type: 'plan', plan: PLAN } }] } })
  return { ...story.state!, id: taskId }
}

/** What the log has of a child, in order. */
async function logged(childId: string): Promise<string[]> {
  const partition = partitionOf(childId, PARTITIONS)
  const kinds: string[] = []
  for (let seq = 1; ; ) {
    const message = await bus.streams.nextMessage('LOG', `log.${partition}.>`, seq)
    if (!message) return kinds
    seq = message.seq + 1
    const { taskId } = JSON.parse(Buffer.from(message.data).toString())
    if (taskId === childId) kinds.push(message.subject.split('.').at(-1)!)
  }
}

t.test('a cancel that overtakes the start of another owner: no child begins', async (t) => {
  const childId = childIdOf('early', 'a', 1)
  await children().cancel(childId, 'not needed')
  await children().start(parentOf('early'), { runId: 'a', attempt: 1 })
  t.strictSame(await logged(childId), ['control'])
  await children().cancel(childId, 'not needed')
  await children().cancel(childId, 'not needed')
  t.strictSame(await logged(childId), ['control', 'control'], 'an owner that does not know says it once more')
})

t.test('a cancel that comes after the start ends the child', async (t) => {
  const childId = childIdOf('late', 'a', 1)
  await children().start(parentOf('late'), { runId: 'a', attempt: 1 })
  await children().cancel(childId, 'not needed')
  await children().cancel(childId, 'not needed')
  t.strictSame(await logged(childId), ['accepted', 'control'])
})
