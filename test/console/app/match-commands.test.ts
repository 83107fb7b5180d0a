import t from 'tap'
import { matchCommands } from '../../../services/console/app/match-commands.ts'

t.test('commands are found by their words, those that begin with them first', async (t) => {
  const commands = ['Go to Tasks', 'Theme: dark', 'Task types', 'Go to Submit'].map((label) => ({ label }))
  const labels = (text: string) => matchCommands(commands, text).map(({ label }) => label)
  t.strictSame(labels('task'), ['Task types', 'Go to Tasks'])
  t.strictSame(labels('go sub'), ['Go to Submit'])
  t.strictSame(labels('nothing'), [])
  t.equal(labels(' ').length, 4)
})
