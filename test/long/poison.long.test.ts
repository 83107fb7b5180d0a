import t from 'tap'
import { SERVICES } from '../../subjects/operations.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import { openNats } from '../support/bus.ts'
import { startCluster } from '../support/cluster.ts'
import { LogWatch } from '../support/task-load.ts'
import { until } from '../support/until.ts'

t.setTimeout(170_000)

t.test(
  'a step that kills every agent that takes it ends in DEAD once, and its task with the reason',
  async (t) => {
    const { bus, servers, agents, notes } = await startCluster(t, { orchestrators: 1, agents: 1 })
    const { jsm } = await openNats(t, servers.natsUrl)
    const log = new LogWatch(bus)
    t.teardown(() => log.stop())
    const [agent] = agents
    let watching = true
    const supervisor = (async () => {
      while (watching) {
        await agent!.whenEnded()
        if (!watching) return
        await agent!.start()
      }
    })()
    const step = (id: string, poison: boolean) => ({
      id,
      agent: 'chaos',
      input: { value: 1, times: 1, plus: 1, workMs: 5, poison },
    })
    const submission = { type: 'plan', plan: { steps: [step('bad', true)] } }
    const { taskId } = (await bus.request(SERVICES.submitTask, submission, { timeoutMs: 5000 })) as {
      taskId: string
    }
    await until('the task has ended', () => log.state(taskId)?.status === 'failed', 120_000)
    t.match(log.state(taskId), {
      error: { code: 'POISON_MESSAGE', stepId: 'bad' },
      steps: { bad: { status: 'failed', attempt: 3, crashes: 3 } },
    })
    t.match(log.state(taskId)?.error?.message, /3 attempts took their processes down: instance "agent-1"/)
    t.strictSame(
      notes.map(({ key }) => key.slice(taskId.length + 1)),
      ['bad:1', 'bad:1', 'bad:2', 'bad:3'],
      'the first time it may have been a neighbour; then it is known, and each attempt is run alone',
    )
    const inDead = async () => {
      const { state } = await jsm.streams.info('DEAD', { subjects_filter: SUBJECTS.dead('chaos') })
      return state.subjects?.[SUBJECTS.dead('chaos')]
    }
    // It is written beside the end of the task.
    await until('it is in DEAD', async () => (await inDead()) !== undefined)
    await until('and none is left in the queue', async () => {
      const depth = await bus.consumers.depth('STEPS', 'chaos-p2')
      return depth?.waiting === 0 && depth.inWork === 0
    })
    const healthy = { type: 'plan', plan: { steps: [step('good', false)] } }
    const next = (await bus.request(SERVICES.submitTask, healthy, { timeoutMs: 5000 })) as { taskId: string }
    await until('others go on', () => log.state(next.taskId)?.status === 'completed', 20_000)
    t.equal(await inDead(), 1, 'one message in DEAD')
    watching = false
    await agent!.kill()
    await supervisor
  },
)
