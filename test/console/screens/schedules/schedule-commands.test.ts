import t from 'tap'
import { scheduleCommands } from '../../../../services/console/screens/schedules/schedule-commands.ts'

t.test('a schedule is opened, run now, and paused or resumed as it stands', async (t) => {
  const done: string[] = []
  const note = (what: string) => () => void done.push(what)
  const actions = {
    ...{ open: note('open'), trigger: note('trigger'), pause: note('pause'), resume: note('resume') },
  }
  for (const paused of [false, true])
    for (const { run } of scheduleCommands({ name: 'nightly', paused }, actions)) run()
  t.strictSame(done, ['open', 'trigger', 'pause', 'open', 'trigger', 'resume'])
  t.equal(scheduleCommands({ name: 'nightly', paused: true }, actions)[2]?.label, 'Resume schedule nightly')
})
