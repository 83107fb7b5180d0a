import t from 'tap'
import { statusUser } from '../../../../loadtest/load/users/status-user.ts'
import { sampleWorld, walk } from './walk.ts'

const script = {
  getStatus: [null],
  listTasks: [{ tasks: 3 }],
  getTask: [{ status: 'running' as const }],
  listAgents: [{ types: ['ingest'] }],
}

t.test('looks at the system, the list, a task and the agents, with thoughts between', async (t) => {
  const { asks, thoughts } = walk(statusUser, script, sampleWorld({ recentTask: 't9' }))
  t.strictSame(asks, [
    { op: 'getStatus' },
    { op: 'listTasks' },
    { op: 'getTask', taskId: 't9' },
    { op: 'listAgents' },
  ])
  t.equal(thoughts, 3)
})

t.test('without a task to look at there is none; who is not answered goes', async (t) => {
  t.strictSame(
    walk(statusUser, script).asks.map(({ op }) => op),
    ['getStatus', 'listTasks', 'listAgents'],
  )
  t.strictSame(walk(statusUser, { ...script, listTasks: ['INTERNAL'] }).asks.length, 2)
})
