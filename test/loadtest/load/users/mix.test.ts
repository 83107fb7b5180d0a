import t from 'tap'
import { chooseActivity, USER_MIX } from '../../../../loadtest/load/users/mix.ts'
import { drawsFrom } from '../../../../loadtest/load/users/think-time.ts'
import { sampleWorld } from './walk.ts'

t.test(
  'half of what users do is reports, three tenths monitoring, a fifth status checks; failures beside it',
  async (t) => {
    t.ok(Math.abs(USER_MIX.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9)
    const world = sampleWorld({ draw: drawsFrom(3) })
    const counts: Record<string, number> = {}
    const total = 20_000
    for (let i = 0; i < total; i++) {
      const { name } = chooseActivity('users', world, 0.05)
      counts[name] = (counts[name] ?? 0) + 1
    }
    for (const { share, activity } of USER_MIX) {
      const measured = counts[activity.name]! / (total * 0.95)
      t.ok(Math.abs(measured - share) < 0.02, `${activity.name}: ${measured}`)
    }
    const failures = Object.entries(counts).filter(
      ([name]) => !USER_MIX.some(({ activity }) => activity.name === name),
    )
    t.equal(failures.length, 7, 'every failure comes up')
    const share = failures.reduce((sum, [, count]) => sum + count, 0) / total
    t.ok(Math.abs(share - 0.05) < 0.01, `${share}`)
  },
)

t.test('the mix of tasks is tasks', async (t) => {
  t.equal(chooseActivity('tasks', sampleWorld()).name, 'three-step task')
})
