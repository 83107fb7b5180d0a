import { Argument, Command, Option } from 'commander'
import t from 'tap'
import { completeWords } from '../../../services/cli/completion/complete-words.ts'

const program = new Command('murmur').option('--json', 'as JSON').option('--nats <url>', 'where')
program.command('show').argument('<id>').option('--out <file>')
program.command('report').argument('<files...>')
program.command('shell').addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
const alerts = program
  .command('alerts')
  .addOption(new Option('--severity <severity>').choices(['high', 'low']))
alerts.command('ack').description('take care').argument('<id>')
alerts.command('resolve').argument('<id>')
program.command('times').argument('<schedule>')

const words = (...typed: string[]) => {
  const found = completeWords(program, typed)
  return found.kind === 'words' ? found.words.map(({ word }) => word) : found
}

t.test('what fits where the cursor is', async (t) => {
  t.strictSame(words(''), ['show', 'report', 'shell', 'alerts', 'times'])
  t.strictSame(words('s'), ['show', 'shell'])
  t.strictSame(words('alerts', ''), ['ack', 'resolve'])
  t.strictSame(words('alerts', '--'), ['--json', '--nats', '--severity'], 'options of all that is open')
  t.strictSame(words('alerts', '--severity', ''), ['high', 'low'])
  t.strictSame(words('alerts', '--severity', 'h'), ['high'])
  t.strictSame(words('--nats', 'alerts', 'sh'), ['show', 'shell'], 'the value of an option is no command')
  t.strictSame(words('--nats', ''), [])
  t.strictSame(words('--json', 'shell', 'z'), ['zsh'])
  t.strictSame(words('show', ''), { kind: 'ids', of: 'task' })
  t.strictSame(words('alerts', 'ack', 'x'), { kind: 'ids', of: 'alert' })
  t.strictSame(words('times', ''), { kind: 'ids', of: 'schedule' })
  t.strictSame(words('show', 'id', ''), [], 'one id is enough')
  t.strictSame(words('show', '--out', ''), { kind: 'files' })
  t.strictSame(words('report', 'a', 'b', ''), { kind: 'files' }, 'as many as there are')
  t.strictSame(words('no-such', ''), [])
})
